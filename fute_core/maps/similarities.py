"""Similarities as a table that other tools open."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fute_core.datasets.writing import write_rows
from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.space.space import TaskSpace


def similarity_csv(space: "TaskSpace", names: Sequence[str] | None, path: str | Path) -> None:
    """Write calibrated cosines as a table, with names in the first row and column.

    Parameters
    ----------
    space : TaskSpace
        The space.
    names : sequence of str, optional
        Whose similarities with one another; None for all.
    path : str or Path
        A file that ends in .csv.

    Raises
    ------
    BadInput
        For a name that is not in the space, another ending, or a folder that cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".csv":
        raise BadInput(f"{path.name} does not end in .csv; similarities are written as CSV.")
    rows = list(space.labels if names is None else names)
    matrix = space.similarity(rows, rows)
    cells = [(name, *(f"{value:.6f}" for value in line)) for name, line in zip(rows, matrix, strict=True)]
    write_rows(path, ("name", *rows), cells)
