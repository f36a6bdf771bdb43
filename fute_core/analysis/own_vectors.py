"""Vectors that were made elsewhere for items of an atlas, read from a table and laid beside the space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.two_views import FEWEST, MOST, TwoViews
from fute_core.errors import BadInput
from fute_core.space.placed import Placed
from fute_core.space.rows import UnitRows

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.datasets.tables import Table

LEAST_DIMENSIONS = 2


@dataclass(frozen=True)
class OwnVectors:
    """Vectors by name.

    Parameters
    ----------
    names : tuple of str, length n
        As they stand in the table.
    vectors : ndarray of float32, shape (n, d)
        One a name; finite, and none is all zeros.
    """

    names: tuple[str, ...]
    vectors: NDArray[np.float32]


def read_vectors(table: "Table", known: Sequence[str]) -> OwnVectors:
    """Find names and vectors in a table.

    The vectors are the column of lists of numbers, and the names are the column of which most are known.

    Parameters
    ----------
    table : Table
        Such as of a Parquet file.
    known : sequence of str
        Names, or ids such as "dataset:sst2", of items that vectors may belong to.

    Returns
    -------
    OwnVectors
        All rows of the table, of which some may be unknown.

    Raises
    ------
    BadInput
        For a table without one such column of vectors or without names, for vectors of several lengths, with values
        that are no finite numbers or all zero, and for a name that stands there twice.
    """
    lists = [c for c in table.columns if all(_is_vector(row.get(c)) for row in table.rows)]
    if len(lists) != 1:
        found = f"{len(lists)} columns" if lists else "no column"
        raise BadInput(
            f"{table.file} has {found} with a list of {LEAST_DIMENSIONS} numbers or more in every row; it needs one."
        )
    lengths = sorted({len(row[lists[0]]) for row in table.rows})
    if len(lengths) > 1:
        raise BadInput(
            f"{table.file}, column {lists[0]!r} has vectors of {lengths[0]} to {lengths[-1]} numbers; all need as many."
        )
    there = set(known)
    texts = {c: [str(row.get(c)) for row in table.rows] for c in table.columns if c != lists[0]}
    hits = {c: sum(name in there for name in names) for c, names in texts.items()}
    column = max(hits, key=lambda c: hits[c], default=None)
    if column is None or not hits[column]:
        raise BadInput(
            f"{table.file} has no column with names of items here; give each row the name that it has on the map."
        )
    names = texts[column]
    if len(set(names)) < len(names):
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise BadInput(f"{table.file}, column {column!r} has {twice!r} twice; keep one row of each.")
    vectors = np.array([row[lists[0]] for row in table.rows], np.float64)
    for fault, bad in (
        ("a value that is no finite number", ~np.isfinite(vectors).all(1)), ("only zeros", ~vectors.any(1)),
    ):  # fmt: skip
        if bad.any():
            raise BadInput(f"{table.file}, the vector of {names[int(np.argmax(bad))]!r} has {fault}; mend or drop it.")
    return OwnVectors(tuple(names), UnitRows.of(vectors).vectors)


def beside_the_space(items: Sequence["Item"], placed: Placed, own: OwnVectors) -> TwoViews:
    """Take the items that have a vector of their own: on the left as the space compares them, on the right by that.

    Parameters
    ----------
    items : sequence of Item, length n
        Of the atlas.
    placed : Placed
        Them calibrated.
    own : OwnVectors
        By name, or by id where a name is used for several kinds; a name alone means the first item that is called so.

    Returns
    -------
    TwoViews
        At least three items; vectors of names that are not here are left out.

    Raises
    ------
    BadInput
        For fewer than three items, and for more than can be compared.
    """
    positions: dict[str, int] = {}
    for at, item in enumerate(items):
        positions.setdefault(item.embedding.name, at)
    positions |= {f"{item.embedding.kind}:{item.embedding.name}": at for at, item in enumerate(items)}
    rows = {positions[name]: row for row, name in enumerate(own.names) if name in positions}
    if not FEWEST <= len(rows) <= MOST:
        raise BadInput(f"The file has vectors for {len(rows):,} items here; it takes {FEWEST} to {MOST:,}.")
    both = np.array(sorted(rows), np.intp)
    return TwoViews(both, both, placed.take(both), UnitRows(own.vectors[[rows[int(at)] for at in both]]))


def _is_vector(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= LEAST_DIMENSIONS
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
    )
