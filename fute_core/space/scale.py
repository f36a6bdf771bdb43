"""What a similarity means: how many pairs known to do different jobs reach it, and what known kin reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from fute_core.space.kinds import plain_kind
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.space.space import TaskSpace

FEWEST_REFERENCE_PAIRS = 10
"""With fewer pairs known to do different jobs a similarity has no scale: two of them once made -0.48 look close."""

CLOSE_KIN = 0.75
"""Quantile of pairs known to do the same job that a pair has to reach before it is said to do the same job."""
SAME_JOB = 0.6
"""Lowest similarity of "the same job" where next to no kin are more alike than all pairs known to do different jobs.

Prompts that answer badly are such a case: they resemble one another whatever their task."""

FEWEST_CLEAR = 5
"""Pairs of kin closer than all strangers from which on these tell what close kin are."""

CLAIM_ERROR = 0.05
"""Share of newcomers whose job the reference lacks of which kin may be claimed wrongly."""
Newcomers = Literal[0, 1, 2]

FEW_TEXTS = 32
"""A dataset of fewer texts is called small: chance decides much of what lies near it.

Two small datasets for different jobs can be more similar than any two large ones are, and for at least one small
dataset in ten the nearest neighbour is of a wrong family; `benchmarks/few_rows.py` measures both."""


@dataclass(frozen=True)
class Scale:
    """Similarities of reference pairs whose families differ, of known items and of newcomers.

    What shaped the means and the whitening lies further from everything than what did not. So the reference items have
    one scale among themselves, a newcomer beside them another, and two newcomers a third.

    Parameters
    ----------
    null : mapping of str to ndarray of float64
        Of two reference items, by pair of kinds ("dataset prompt"), sorted.
    newcomer : mapping of str to ndarray of float64
        Of a newcomer with reference items, by its kind and theirs ("prompt dataset"), sorted: each family in turn was
        left out of the means and the whitening. Empty where all items shape the space. Prompts on a language model
        stand beside datasets under its name, too ("prompt@smollm2 dataset"), see `kinds.scale_kind`.
    both_new : mapping of str to ndarray of float64
        Of two newcomers, by pair of kinds, sorted: both families were left out.
    best : mapping of str to ndarray of float64
        The greatest similarity of each newcomer to any reference item of a kind, by the same kinds, sorted. Under
        "dataset group" what `wider.nearest_group` gives for datasets whose group was left out.
    kin : mapping of str to ndarray of float64
        Of two reference items of one family, by pair of kinds, sorted.
    """

    null: Mapping[str, np.ndarray]
    newcomer: Mapping[str, np.ndarray] = field(default_factory=dict)
    both_new: Mapping[str, np.ndarray] = field(default_factory=dict)
    best: Mapping[str, np.ndarray] = field(default_factory=dict)
    kin: Mapping[str, np.ndarray] = field(default_factory=dict)

    def reference(self, kind_a: str, kind_b: str, newcomers: Newcomers = 0) -> np.ndarray:
        """Give the sorted similarities of different-job pairs.

        Parameters
        ----------
        kind_a, kind_b : str
            Kinds of the two items, see `kinds.scale_kind`; where one of them is new, its kind comes first.
        newcomers : {0, 1, 2}, default 0
            How many of the two did not shape the space.

        Returns
        -------
        ndarray of float64
            Rising; empty where there are too few to tell by. Where the newcomer's language model is not known, those of
            prompts on any.
        """
        if newcomers == 1 and self.newcomer:
            known = _newcomers(self.newcomer, kind_a, kind_b)
        elif newcomers == 2 and self.newcomer:
            known = self.both_new.get(_pair(kind_a, kind_b))
        else:
            known = self.null.get(_pair(kind_a, kind_b))
        return known if known is not None and len(known) >= FEWEST_REFERENCE_PAIRS else np.empty(0)

    def share(self, kind_a: str, kind_b: str, cosine: float, newcomers: Newcomers = 0) -> float:
        """Tell how many different-job pairs are at least as similar.

        Parameters
        ----------
        kind_a, kind_b : str
            Kinds of the two items; where one of them is new, its kind comes first.
        cosine : float
            Their similarity.
        newcomers : {0, 1, 2}, default 0
            How many of the two did not shape the space.

        Returns
        -------
        float
            Share of the pairs, counting this one among them, so that n pairs never tell less than 1 / (n + 1) (Phipson
            and Smyth 2010); NaN where there are too few.
        """
        return _share(self.reference(kind_a, kind_b, newcomers), cosine)

    def chance(self, kind_a: str, kind_b: str, cosine: float, newcomers: Newcomers = 0) -> float:
        """Estimate how likely two items for different jobs are as similar, beyond the pairs that are known as well.

        `share` cannot fall below one pair, however alike two items are, so that where many are looked at nothing could
        be told. Above the most alike of the known pairs it is continued by an exponential tail. Its scale is what the
        closest twentieth of the pairs exceed the others by, their mean or their standard deviation, whichever is more.

        Parameters
        ----------
        kind_a, kind_b : str
            Kinds of the two items; where one of them is new, its kind comes first.
        cosine : float
            Their similarity.
        newcomers : {0, 1, 2}, default 0
            How many of the two did not shape the space.

        Returns
        -------
        float
            `share` up to the most alike pair known, less from there on; NaN where there are too few.
        """
        known = self.reference(kind_a, kind_b, newcomers)
        share = _share(known, cosine)
        if not len(known) or cosine <= known[-1]:
            return share
        excess = known[-tail:] - known[-tail - 1] if (tail := len(known) // 20) else known - known[0]
        return float(share * np.exp((known[-1] - cosine) / max(excess.mean(), excess.std(), 1e-6)))

    def best_share(self, kind: str, of_kind: str, cosine: float) -> float:
        """Tell how many newcomers whose job the reference lacks have something at least as similar in it.

        The nearest of many is near by choice, so it has to be judged by the nearest of strangers.

        Parameters
        ----------
        kind : str
            Kind of the newcomer, see `kinds.scale_kind`.
        of_kind : str
            Kind of what lies nearest to it.
        cosine : float
            Their similarity.

        Returns
        -------
        float
            Share of such newcomers, counting this one; NaN where there are too few.
        """
        return _share(self._best(kind, of_kind), cosine)

    def claim_level(self, kind: str, of_kind: str, error: float = CLAIM_ERROR) -> float:
        """Give the similarity from which the nearest of a kind may be called kin.

        Parameters
        ----------
        kind : str
            Kind of the newcomer, see `kinds.scale_kind`.
        of_kind : str
            Kind of what lies nearest to it.
        error : float, default 0.05
            Share of newcomers without any kin that may reach it.

        Returns
        -------
        float
            Between -1 and 1; infinity where too few newcomers are known to tell.
        """
        known = self._best(kind, of_kind)
        above = int(error * (len(known) + 1))  # so many may reach it, with the newcomer itself among them
        return float(np.nextafter(known[len(known) - above], np.inf)) if above else float("inf")

    def same_level(self, kind_a: str, kind_b: str, newcomers: Newcomers = 0) -> float | None:
        """Give the similarity from which two items may be said to do the same job.

        Strangers may be more alike than any pair of strangers known, since only few are known: to be above those is no
        proof. So a pair has to be above them, and as much alike as the closer ones of its kin, see `CLOSE_KIN`; where
        most kin are no closer than some strangers, as the closer half of those that are.

        Parameters
        ----------
        kind_a, kind_b : str
            Kinds of the two items; where one of them is new, its kind comes first.
        newcomers : {0, 1, 2}, default 0
            How many of the two did not shape the space.

        Returns
        -------
        float or None
            Between -1 and 1; None with fewer than `FEWEST_REFERENCE_PAIRS` pairs of kin, or of strangers.
        """
        strangers = self.reference(kind_a, kind_b, newcomers)
        kin = self.kin.get(_pair(kind_a, kind_b), np.empty(0))
        if min(len(kin), len(strangers)) < FEWEST_REFERENCE_PAIRS:
            return None
        above = float(np.nextafter(strangers[-1], np.inf))
        close = float(np.quantile(kin, CLOSE_KIN)) - 1e-9  # so that the pair which is the quantile reaches it
        if close >= above:
            return close
        clear = kin[kin >= above]
        return float(np.median(clear)) if len(clear) >= FEWEST_CLEAR else max(above, SAME_JOB)

    def _best(self, kind: str, of_kind: str) -> np.ndarray:
        known = _newcomers(self.best, kind, of_kind)
        return known if known is not None and len(known) >= FEWEST_REFERENCE_PAIRS else np.empty(0)


def _newcomers(table: Mapping[str, np.ndarray], kind: str, of_kind: str) -> np.ndarray | None:
    """What newcomers of a kind reach; of those on any language model where the newcomer's has no entry."""
    own = table.get(f"{kind} {plain_kind(of_kind)}")
    return own if own is not None else table.get(f"{plain_kind(kind)} {plain_kind(of_kind)}")


def _share(known: np.ndarray, cosine: float) -> float:
    if not len(known):
        return float("nan")
    return float((1 + len(known) - np.searchsorted(known, cosine, side="left")) / (1 + len(known)))


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
    """Make the scale of a space that all its items have shaped.

    Parameters
    ----------
    space : TaskSpace
        The space.
    members : sequence of int, optional
        Positions of the items to take; all by default.

    Returns
    -------
    Scale
        Of every pair with two known families.
    """
    index = np.arange(len(space)) if members is None else np.asarray(members, int)
    return scale_of_pairs([space.embeddings[i] for i in index], space.cosines(index, index))


def scale_of_pairs(items: Sequence[TaskEmbedding], cosines: np.ndarray) -> Scale:
    """Collect the similarities of pairs with two known families: those that differ, and those that are the same.

    Parameters
    ----------
    items : sequence of TaskEmbedding
        n items, all of which shaped the space.
    cosines : ndarray of float, shape (n, n)
        Their similarities.

    Returns
    -------
    Scale
        With `null` and `kin`.
    """
    found: tuple[dict[str, list[float]], dict[str, list[float]]] = ({}, {})
    for i, one in enumerate(items):
        for j in range(i):
            other = items[j]
            if one.family and other.family:
                alike = found[one.family == other.family]
                alike.setdefault(_pair(one.kind, other.kind), []).append(float(cosines[i, j]))
    null, kin = ({pair: np.sort(np.array(values)) for pair, values in some.items()} for some in found)
    return Scale(null, kin=kin)


def _pair(a: str, b: str) -> str:
    return " ".join(sorted((plain_kind(a), plain_kind(b))))
