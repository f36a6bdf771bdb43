"""What candidates for one job say together: a second witness beside the dataset's own answers.

A dataset's answers are those of a linear head on the surrogate, which errs in ways of its own. Prompts err in other
ways, and where most of those that may do the job say the same it is more often right than any of them. So candidates
are ranked by their agreement with the dataset, and by a smaller part with the other candidates. The same idea chooses
among prompts by plurality of their answers on rows of the dataset (Sorensen et al. 2022 and others ask those; here the
shared probe texts do).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WEIGHT = 0.2
"""What the other candidates count beside the dataset. From 0.1 to 0.4 every weight is better than none, on the shipped
prompts and on those of any half of the families; `fute eval prompts --shipped` prints the curve."""
MIN_LABELS = 2


def agreement_with_others(
    factors: Sequence[NDArray[np.float64]], labels: Sequence[Sequence[str]], witness: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Measure how far each candidate agrees with all others together, label by label, in each draw of probe texts.

    Parameters
    ----------
    factors : sequence of n ndarray of float64, shape (draws, r, k)
        Whitened answers of each candidate in the basis of the probe texts; k may differ.
    labels : sequence of n sequences of str
        Names of each one's k labels; empty where they are not known. Upper and lower case are the same.
    witness : ndarray of bool, shape (n,)
        Who is heard: those that may do the job.

    Returns
    -------
    ndarray of float64, shape (n, draws)
        The cosine with the sum of the other witnesses' answers, -1 to 1; NaN for a candidate that shares fewer than
        `MIN_LABELS` names of labels with them, or has none beside it.
    """
    named = [[label.strip().casefold() for label in own] for own in labels]
    every = sorted({name for own in named for name in own})
    draws, r = factors[0].shape[:2]
    spoken = [_in_columns(f, own, every) for f, own in zip(factors, named, strict=True)]
    total = np.zeros((draws, r, len(every)))
    speakers = np.zeros(len(every))
    for said, own, heard in zip(spoken, named, witness, strict=True):
        if heard:
            total += said
            speakers += np.isin(every, own)
    found = np.full((len(factors), draws), np.nan)
    for n, (said, own, heard) in enumerate(zip(spoken, named, witness, strict=True)):
        used = np.isin(every, own)
        if np.count_nonzero(speakers[used] - heard > 0) >= MIN_LABELS:
            rest = total - said if heard else total
            norms = np.linalg.norm(said, axis=(1, 2)) * np.linalg.norm(rest, axis=(1, 2))
            found[n] = (said * rest).sum((1, 2)) / np.where(norms > 1e-12, norms, np.inf)
    return found


def _in_columns(factors: NDArray[np.float64], own: Sequence[str], every: Sequence[str]) -> NDArray[np.float64]:
    """One candidate's answers (draws, r, k) under the names of all labels; labels of one name are added up."""
    placed = np.zeros((*factors.shape[:2], len(every)))
    for column, name in enumerate(own):
        placed[..., every.index(name)] += factors[..., column]
    return placed
