"""What a similarity means: how many pairs known to do different jobs reach it, and what known kin reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.tasks import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.space.space import TaskSpace

FEWEST_REFERENCE_PAIRS = 10
"""With fewer pairs known to do different jobs a similarity has no scale: two of them once made -0.48 look close."""

CLOSE_KIN = 0.75
"""Quantile of pairs known to do the same job that a pair has to reach before it is said to do the same job."""
SAME_JOB = 0.6
"""Lowest similarity of "the same job" where the closer kin are no more alike than some pair known to do different jobs.

Prompts that answer badly are such a case: they resemble one another whatever their task."""

FEW_TEXTS = 32
"""A dataset of fewer texts is called small: chance decides much of what lies near it.

Two small datasets for different jobs can be more similar than any two large ones are, and for at least one small
dataset in ten the nearest neighbour is of a wrong family; `benchmarks/few_rows.py` measures both."""


@dataclass(frozen=True)
class Scale:
    """Similarities of reference pairs whose families differ.

    Parameters
    ----------
    null : mapping of str to ndarray of float64
        By pair of kinds ("dataset prompt"), sorted.
    """

    null: Mapping[str, np.ndarray]

    def reference(self, kind_a: str, kind_b: str) -> np.ndarray:
        """Give the sorted similarities of different-job pairs.

        Parameters
        ----------
        kind_a, kind_b : str
            Kinds of the two items, in any order.

        Returns
        -------
        ndarray of float64
            Rising; empty where there are too few to tell by.
        """
        known = self.null.get(_pair(kind_a, kind_b), np.empty(0))
        return known if len(known) >= FEWEST_REFERENCE_PAIRS else np.empty(0)

    def share(self, kind_a: str, kind_b: str, cosine: float) -> float:
        """Tell how many different-job pairs are at least as similar.

        Parameters
        ----------
        kind_a, kind_b : str
            Kinds of the two items, in any order.
        cosine : float
            Their similarity.

        Returns
        -------
        float
            Share of the pairs, 0 to 1; NaN where there are too few.
        """
        known = self.reference(kind_a, kind_b)
        if not len(known):
            return float("nan")
        return float(1.0 - np.searchsorted(known, cosine, side="left") / len(known))


def is_small(embedding: TaskEmbedding) -> bool:
    """Tell whether something is a dataset of so few texts that no similarity of it proves anything.

    Parameters
    ----------
    embedding : TaskEmbedding
        Any embedding.

    Returns
    -------
    bool
        True below `FEW_TEXTS` texts.
    """
    return embedding.kind == "dataset" and embedding.provenance.n_texts < FEW_TEXTS


def few_texts(embedding: TaskEmbedding) -> str:
    """Say what to know of a dataset that `is_small`.

    Parameters
    ----------
    embedding : TaskEmbedding
        Any embedding.

    Returns
    -------
    str
        A sentence; empty for all others.
    """
    if not is_small(embedding):
        return ""
    n = embedding.provenance.n_texts
    return f"{n} texts are few for a dataset: below {FEW_TEXTS}, what lies near it is partly chance."


def fit_scale(space: "TaskSpace", members: Sequence[int] | None = None) -> Scale:
    """Make the scale of a space from every pair with two known families that differ.

    Parameters
    ----------
    space : TaskSpace
        The space.
    members : sequence of int, optional
        Positions of the items to take; all by default.

    Returns
    -------
    Scale
        The scale.
    """
    index = np.arange(len(space)) if members is None else np.asarray(members, int)
    cosines = space.vectors[index] @ space.vectors[index].T
    return Scale(different_jobs([space.embeddings[i] for i in index], cosines))


def different_jobs(items: Sequence[TaskEmbedding], cosines: np.ndarray) -> dict[str, np.ndarray]:
    """Collect the similarities of pairs with two known families that differ.

    Parameters
    ----------
    items : sequence of TaskEmbedding
        n items.
    cosines : ndarray of float, shape (n, n)
        Their similarities.

    Returns
    -------
    dict of str to ndarray of float64
        By pair of kinds ("dataset prompt"), sorted.
    """
    found: dict[str, list[float]] = {}
    for i, one in enumerate(items):
        for j in range(i):
            other = items[j]
            if one.family and other.family and one.family != other.family:
                found.setdefault(_pair(one.kind, other.kind), []).append(float(cosines[i, j]))
    return {pair: np.sort(np.array(values)) for pair, values in found.items()}


def kin_level(scale: Scale, kind: str, items: Sequence[TaskEmbedding], cosines: np.ndarray) -> float | None:
    """Similarity from which two items of a kind may be said to do the same job; None where nothing tells.

    Strangers may be more alike than any pair of strangers known, since only few are known: to be above those is no
    proof. So a pair has to be above them, and as much alike as the closer ones of its kin, see `CLOSE_KIN`.

    Parameters
    ----------
    scale : Scale
        Of the space, for the pairs known to do different jobs.
    kind : str
        "dataset", "model" or "prompt".
    items : sequence of TaskEmbedding
        Those of the kind, n in all. Two of one known family are kin.
    cosines : ndarray of float, shape (n, n)
        Similarity of every two of them.

    Returns
    -------
    float or None
        Between -1 and 1; None with fewer than `FEWEST_REFERENCE_PAIRS` pairs of kin, or of strangers.
    """
    strangers = scale.reference(kind, kind)
    kin = [
        float(cosines[i, j])
        for i, one in enumerate(items)
        for j in range(i)
        if one.family and one.family == items[j].family
    ]
    if min(len(kin), len(strangers)) < FEWEST_REFERENCE_PAIRS:
        return None
    above = float(np.nextafter(strangers[-1], np.inf))
    close = float(np.quantile(kin, CLOSE_KIN)) - 1e-9  # so that the pair which is the quantile reaches it
    return close if close >= above else max(above, SAME_JOB)


def _pair(a: str, b: str) -> str:
    return " ".join(sorted((a, b)))
