"""A space as files that other tools open: a Parquet table, or a folder for the Embedding Projector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.arguments import of_kind, whole_numbers
from fute_core.datasets.writing import write_bytes
from fute_core.errors import BadInput
from fute_core.maps.layout import leading_axes
from fute_core.maps.parquet_table import is_parquet_table, parquet_table
from fute_core.maps.projection import project
from fute_core.maps.projector import is_projector_folder, projector_files

if TYPE_CHECKING:
    from fute_core.space.space import TaskSpace


@dataclass(frozen=True)
class Exported:
    """What was written.

    Parameters
    ----------
    files : tuple of Path
        The files.
    items : int
        Rows in each.
    axes : int
        Leading axes of the space that are in them.
    variance : float
        Share of the space's variance along these axes, 0 to 1.
    """

    files: tuple[Path, ...]
    items: int
    axes: int
    variance: float


def export_space(
    space: "TaskSpace",
    path: str | Path,
    coordinates: NDArray[np.float32] | None = None,
    facts: Sequence[Mapping[str, Any]] | None = None,
    neighbours: int = 10,
    axes: int = 50,
) -> Exported:
    """Write a space for other tools; an earlier export is replaced, and nothing else that is there.

    Parameters
    ----------
    space : TaskSpace
        The n items, calibrated.
    path : str or Path
        A file that ends in .parquet (Embedding Atlas, data frames), or a folder (Embedding Projector, TensorBoard),
        which is made where it is missing.
    coordinates : ndarray of float32, shape (n, 2), optional
        Places on a map, for the table; by default a map is made.
    facts : sequence of mapping, length n, optional
        labels, skill and accuracy of each item, as far as known; by default what was kept with the embeddings.
    neighbours : int, default 10
        How many of the most similar are listed for each item, in the table.
    axes : int, default 50
        How many leading axes of the space are written; n items fill n - 1 at most.

    Returns
    -------
    Exported
        Files, and how much of the variance the axes keep.

    Raises
    ------
    BadInput
        For another ending, something that is there already and is no export, a place that cannot be written, or
        coordinates and facts of another number of items.

    Examples
    --------
    >>> import tempfile
    >>> import fute_core as fute
    >>> atlas = fute.open_atlas(pair=True, store=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = fute.export_space(atlas.space, f"{folder}/pairs.parquet", atlas.coordinates)
    >>> done.items, done.axes
    (108, 50)
    """
    from fute_core.space.space import TaskSpace

    of_kind("a TaskSpace, such as atlas.space", TaskSpace, space=space)
    of_kind("a path", (str, Path), path=path)
    whole_numbers(neighbours=neighbours, axes=axes)
    path, n = Path(path), len(space)
    if neighbours < 1 or axes < 1:
        raise BadInput(f"{neighbours} neighbours and {axes} axes cannot be written; give one or more of each.")
    for what, given in (("places", coordinates), ("facts", facts)):
        if given is not None and len(given) != n:
            raise BadInput(f"There are {what} of {len(given)} items and the space has {n}; give those of each item.")
    table = path.suffix.lower() == ".parquet"
    if table:
        _check_file(path)
    else:
        _check_folder(path)
    # Fewer than three axes are too few for the projector to draw.
    found, places = leading_axes(space.placed, min(axes, max(n - 1, 3)))
    if table:
        made = {"axes": places.shape[1], "variance": round(found.share, 4), "neighbours": min(neighbours, n - 1)}
        at = project(space).coordinates if coordinates is None else coordinates
        files = {path: parquet_table(space, facts, at, places, neighbours, made)}
    else:
        files = {path / name: content for name, content in projector_files(space, facts, places).items()}
        _make_folder(path)
    for file, content in files.items():
        write_bytes(file, content)
    return Exported(tuple(files), n, places.shape[1], found.share)


def _check_file(path: Path) -> None:
    if path.exists() and not is_parquet_table(path):
        raise BadInput(f"{path} is there already and is no export of a space; choose another name or move it away.")


def _check_folder(path: Path) -> None:
    if path.is_dir():
        if any(path.iterdir()) and not is_projector_folder(path):
            raise BadInput(f"{path} holds other files; name a new folder, an empty one, or one of an earlier export.")
    elif path.exists() or path.suffix:
        raise BadInput(f"{path} is neither a folder nor ends in .parquet; spaces are exported to one of these.")


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise BadInput(f"{path} cannot be made ({error.strerror}); check the folder above it.") from None
