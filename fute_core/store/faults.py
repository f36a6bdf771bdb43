"""What may be wrong with what a section of a store holds, found by reading all of it."""

import numpy as np
from diskcache.core import DBNAME

from fute_core.store.index import Index
from fute_core.store.values import is_newer

DAMAGED = "damaged"
NO_NUMBERS = "holds NaN or infinity"
NEWER = "written by a newer version"
LOST = f"its index {DBNAME} is missing"
UNUSABLE = (DAMAGED, NO_NUMBERS)
"""Of values that have to be computed again."""
UNSOUND = (*UNUSABLE, LOST)


def section_faults(index: Index, vectors: bool) -> list[tuple[str, str]]:
    """Read every value of a section.

    Parameters
    ----------
    index : Index
        Of the section.
    vectors : bool
        Whether all its numbers have to be finite. An answer may be none, and a measured number unknown.

    Returns
    -------
    list of (str, str)
        Key and what is wrong with it: `DAMAGED`, `NO_NUMBERS` or `NEWER`. The key is empty for `LOST`, and for files of
        values that the index does not name.
    """
    found = [(key, why) for key in index.keys() if (why := _fault(index, key, vectors))]  # noqa: SIM118 - no mapping
    if index.is_lost():
        found.append(("", LOST))
    if files := index.left_over():
        found.append(("", f"{len(files)} files of values are not in its index"))
    return found


def _fault(index: Index, key: str, vectors: bool) -> str:
    value = index.value(key)
    if value is not None:
        return NO_NUMBERS if vectors and any(not np.isfinite(a).all() for a in value[0].values()) else ""
    try:
        packed = index.get(key)
    except (ValueError, TypeError):
        return DAMAGED
    return NEWER if packed is not None and is_newer(packed) else DAMAGED
