"""The items of a map with their places, and names short enough to stand beside them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.maps.projection import Projection
    from fute_core.space.space import TaskSpace

LONGEST_LABEL = 28


@dataclass(frozen=True)
class MapPoint:
    """One item of a map.

    Parameters
    ----------
    name : str
        Its name.
    kind : str
        "dataset", "model" or "prompt".
    family : str or None
        The job that it does, as far as known.
    x, y : float
        Its place.
    z : float, optional
        None on a map of two dimensions.
    weak : bool
        Known to be close to guessing, so that its place means little; drawn faded.
    """

    name: str
    kind: str
    family: str | None
    x: float
    y: float
    z: float | None = None
    weak: bool = False


def map_points(space: "TaskSpace", projection: "Projection") -> list[MapPoint]:
    """Join items with their places.

    Parameters
    ----------
    space : TaskSpace
        The items.
    projection : Projection
        The map that was made of them.

    Returns
    -------
    list of MapPoint
        In the order of the space.

    Raises
    ------
    BadInput
        For a map of another number of items.
    """
    if len(space) != len(projection.coordinates):
        raise BadInput(f"The map has {len(projection.coordinates)} points and the space {len(space)}; make it anew.")
    places = projection.coordinates.astype(float).tolist()
    return [
        MapPoint(e.name, e.kind, e.family, x, y, *depth)
        for e, (x, y, *depth) in zip(space.embeddings, places, strict=True)
    ]


def shorten(name: str, longest: int = LONGEST_LABEL) -> str:
    """Shorten a name, in the middle where it has to be.

    Parameters
    ----------
    name : str
        The name.
    longest : int, default 28
        Most characters.

    Returns
    -------
    str
        The name, or a part of it with dots.
    """
    name = " ".join(name.split())
    if len(name) <= longest:
        return name
    head = (longest - 1) * 2 // 3
    return f"{name[:head]}…{name[len(name) - (longest - 1 - head) :]}"
