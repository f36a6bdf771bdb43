"""Which items of a gallery are judged: so many of each kind, spread evenly."""

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Gallery

KINDS = ("dataset", "model", "prompt")


def spread_over(gallery: Gallery, kind: str, most: int) -> NDArray[np.intp]:
    """Choose items of a kind at equal distances.

    Parameters
    ----------
    gallery : Gallery
        Items, of which those with answers count.
    kind : str
        One of `KINDS`.
    most : int
        How many at most.

    Returns
    -------
    ndarray of int
        Positions, rising.
    """
    there = [i for i, item in enumerate(gallery.items) if item.embedding.kind == kind and item.answers is not None]
    return np.array(there, np.intp)[np.unique(np.linspace(0, len(there) - 1, min(most, len(there))).astype(np.intp))]
