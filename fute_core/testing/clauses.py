"""What all checks share: a broken clause is a sentence, and an empty generator is a contract that is kept."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

HARD_TEXTS = ("", " ", "?!", "ein größerer Satz, 日本語, 🙂", "no " * 2000)
"""Texts that a user's file may hold: empty, without a word, foreign, and longer than any model reads."""
Problems = Iterator[str]


def same(when: str, expected: NDArray[Any], found: NDArray[Any], tolerance: float) -> Problems:
    """Compare what should be the same.

    Parameters
    ----------
    when : str
        How it was asked, as the start of the sentence.
    expected : ndarray
        What it gave at first.
    found : ndarray
        What it gave now.
    tolerance : float
        Largest difference that counts as none.

    Yields
    ------
    str
        A sentence where they differ.
    """
    if np.shape(found) != expected.shape:
        yield f"{when}, it gives shape {np.shape(found)} instead of {expected.shape}"
    elif not np.allclose(expected, found, rtol=0, atol=tolerance, equal_nan=True):
        yield f"{when}, its answers differ by up to {np.nanmax(np.abs(expected - found)):.3g}"
