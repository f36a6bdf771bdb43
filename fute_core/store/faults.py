"""What may be wrong with what a section of a store holds, found by reading all of it."""

from collections.abc import Callable

import numpy as np
from diskcache.core import DBNAME

from fute_core.store.headers import read_embedding, read_header
from fute_core.store.index import Index
from fute_core.store.values import Value, is_newer

DAMAGED = "damaged"
NO_NUMBERS = "holds NaN or infinity"
NEWER = "written by a newer version"
LOST = f"its index {DBNAME} is missing or empty"
OTHER_FORM = "of another form than this version's"
NO_VECTOR = "the vector that it names is missing"
UNUSABLE = (DAMAGED, NO_NUMBERS)
"""Of values that have to be computed again."""
UNSOUND = (*UNUSABLE, LOST, NO_VECTOR)


READERS: dict[str, Callable[[Value | None], object]] = {"embeddings": read_embedding, "names": read_header}
"""What reads the sections whose values have a form of their own."""


def section_faults(index: Index, section: str) -> list[tuple[str, str]]:
    """Read every value of a section.

    Parameters
    ----------
    index : Index
        Of the section.
    section : str
        Its name. Numbers of vectors have to be finite; an answer may be none, and a measured number unknown.

    Returns
    -------
    list of (str, str)
        Key and what is wrong with it: `DAMAGED`, `NO_NUMBERS`, `NEWER` or `OTHER_FORM`. The key is empty for `LOST`,
        and for files of values that the index does not name.
    """
    found = [(key, why) for key in index.keys() if (why := _fault(index, key, section))]  # noqa: SIM118 - no mapping
    if index.is_lost():
        found.append(("", LOST))
    if files := index.left_over():
        found.append(("", f"{len(files)} files of values are not in its index"))
    return found


def _fault(index: Index, key: str, section: str) -> str:
    value = index.value(key)
    if value is not None:
        if section == "embeddings" and any(not np.isfinite(a).all() for a in value[0].values()):
            return NO_NUMBERS
        return OTHER_FORM if section in READERS and READERS[section](value) is None else ""
    try:
        packed = index.get(key)
    except (ValueError, TypeError):
        return DAMAGED
    return NEWER if packed is not None and is_newer(packed) else DAMAGED
