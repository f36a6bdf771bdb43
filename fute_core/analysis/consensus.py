"""What candidates for one job say together: a second witness beside the dataset's own answers.

A dataset's answers are those of a linear head on the surrogate, which errs in ways of its own. Prompts err in other
ways, and what most of those that may do the job say alike is more often right than what one of them says. So
candidates are ranked by their agreement with the dataset, and by a smaller part with the other candidates. The
plurality of prompts is such a witness as well (`zero_label`), on rows of the dataset that have to be asked; the probe
texts are answered already.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.agreement import over_norms
from fute_core.tasks import label_key

WEIGHT = 0.2
"""What the other candidates count beside the dataset. From 0.1 to 0.4 every weight is better than none, on the shipped
prompts; `fute eval prompts --shipped` prints the curve, and what a weight is worth where other families choose it."""
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
    spoken = [_by_name(f, own) for f, own in zip(factors, labels, strict=True)]
    every = sorted({name for names, _ in spoken for name in names})
    at = [np.searchsorted(every, names) for names, _ in spoken]
    draws, r = factors[0].shape[:2]
    total, speakers = np.zeros((draws, r, len(every))), np.zeros(len(every), int)
    for (_, said), columns, heard in zip(spoken, at, witness, strict=True):
        if heard:
            total[..., columns] += said
            speakers[columns] += 1
    whole = np.square(total).sum((1, 2))
    found = np.full((len(factors), draws), np.nan)
    for n, ((_, said), columns, heard) in enumerate(zip(spoken, at, witness, strict=True)):
        if np.count_nonzero(speakers[columns] > heard) >= MIN_LABELS:
            own, shared = np.square(said).sum((1, 2)), (said * total[..., columns]).sum((1, 2))
            rest = whole - heard * (2.0 * shared - own)  # of what the others say, labels that this one lacks among it
            found[n] = over_norms(shared - heard * own, np.sqrt(own * np.maximum(rest, 0.0)))
    return found


def _by_name(factors: NDArray[np.float64], labels: Sequence[str]) -> tuple[list[str], NDArray[np.float64]]:
    """Names of labels, sorted, and what is said of each (draws, r, k); labels of one name are added up."""
    named = np.array([label_key(label) for label in labels], str)
    names = sorted(set(named.tolist()))
    said = [factors[..., np.flatnonzero(named == name)].sum(-1) for name in names]
    return names, np.stack(said, axis=-1) if said else factors[..., :0]
