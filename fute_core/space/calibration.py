"""Calibration: what turns raw vectors, in which inputs drown the task, into a space that datasets and models share.

For block b of an item, with raw values v, or the factor F of a Gram matrix of answers:

    log blocks     u_b = log(v + eps), eps = 1e-6 max(v);  u_b <- u_b - mean(u_b);  u_b <- u_b / ||u_b||
    other blocks   u_b = v / ||v||
    Gram matrix    u_b = A F F^T A / ||A F F^T A||, A the whitening, where the reference knows how

The mean m_g of the item's group g (its kind, or its kind and arity; for prompts on a language model with references of
its own, those) over the reference, where every family counts alike, is subtracted, from Gram matrices without the
family that is most like the item (`strata`), and each part p (all blocks of one method) is brought to unit norm and
weighted:

    c_b = u_b - s m_g,b      z_p = sqrt(w_p / sum_q w_q) c_p / ||c_p||

so that <z, z'> = sum_p w_p cos(c_p, c'_p) / sum_p w_p, the weighted mean of the cosines within parts, for two items of
the same parts; `placed` has the rule for all others. A block with nothing to say (all zero, or constant under the log)
stays zero and is left out of the means; a part without a direction of its own adds nothing, and the other parts fill
the unit norm.

s is 1, but for a dataset of fewer texts than any in the reference: its few examples have taught it little of the mean,
and with all of it taken away small datasets would be alike by what they lack. Of their answers' Gram matrices the mean
is removed as far as it is there: s = <u_b, m_b> / <m_b, m_b>, between 0 and 1.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.base import BaseEstimator

from fute_core.errors import BadInput
from fute_core.space.blocks import speaking
from fute_core.space.centres import Centres, Mean
from fute_core.space.factors import Factors
from fute_core.space.groups import (
    MIN_REFERENCE,
    MODES,
    Mode,
    group_of,
    grouped,
    groups_of,
    lost_means,
    mean_of,
    references,
    told_of_few,
    told_of_models,
)
from fute_core.space.placed import EXACT, Placed
from fute_core.space.placing import place_items, value_share
from fute_core.space.scaling import check_usable, scaled_values, whiten
from fute_core.space.strata import Strata
from fute_core.vectors import TaskEmbedding


class Calibrator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no type hints
    """Learns the mean of each group from reference embeddings and takes it from any other.

    Parameters
    ----------
    mode : {"none", "kind", "kind-arity"}, default "kind-arity"
        What makes a group; "none" only scales blocks.
    min_reference : int, default 3
        A group with fewer references is centred on the mean of all groups' means instead. With fewer in all groups
        together nothing is centred, since two centred items are opposites whatever they are.
    whitening : mapping of str to ndarray of shape (r, r), optional
        For a block of Gram matrices by its name, the matrix of `within_task_whitening`. By default none is whitened.

    Attributes
    ----------
    centres_ : Centres
        The references, and the means that are made of them.
    counts_ : dict of str to int
        References in each group.
    fewest_texts_ : dict of str to int
        Texts of the smallest reference in each group of datasets.
    space_ : dict
        What `space()` of a comparable embedding is.
    """

    def __init__(
        self,
        mode: Mode = "kind-arity",
        min_reference: int = MIN_REFERENCE,
        whitening: Mapping[str, np.ndarray] | None = None,
    ):
        self.mode = mode
        self.min_reference = min_reference
        self.whitening = whitening

    def fit(self, embeddings: Sequence[TaskEmbedding]) -> "Calibrator":
        """Learn the groups' means; the order of the references makes no difference, to the last bit.

        Parameters
        ----------
        embeddings : sequence of TaskEmbedding
            The references, all of one space.

        Returns
        -------
        Calibrator
            This one, fitted.

        Raises
        ------
        BadInput
            For an unknown mode, no embeddings, or values it cannot use.
        Incomparable
            For embeddings of several spaces.
        """
        if self.mode not in MODES:
            raise BadInput(f"Calibration {self.mode!r} is unknown; choose from {', '.join(MODES)}.")
        if not embeddings:
            raise BadInput("There are no embeddings to calibrate on; embed something first.")
        self.space_ = embeddings[0].space()
        ordered = sorted(embeddings, key=lambda e: (e.name, e.key))
        groups = grouped(ordered, self.mode)
        self.counts_ = {group: len(items) for group, items in groups.items()}
        self.fewest_texts_ = {
            group: min(item.provenance.n_texts for item in items)
            for group, items in groups.items()
            if all(item.kind == "dataset" for item in items)
        }
        self.centres_ = self._centres(ordered if self.mode != "none" else (), embeddings[0])
        return self

    def place(self, embeddings: Sequence[TaskEmbedding]) -> Placed:
        """Calibrate by the means learnt before.

        Parameters
        ----------
        embeddings : sequence of TaskEmbedding, length n
            Of the references' space.

        Returns
        -------
        Placed
            The n items, ready to be compared.

        Raises
        ------
        Incomparable
            For an embedding of another space than the references.
        BadInput
            For values it cannot use.
        """
        check_usable(embeddings, self.space_)
        centres = self.centres_
        precision = np.float64 if len(embeddings) <= EXACT else np.float32
        whitened = whiten(embeddings, self._gram_whitening, len(centres.factors.columns), precision)
        return place_items(embeddings, whitened, *self.losses(embeddings), centres)

    def centre(self, item: TaskEmbedding) -> Mean:
        """Compute what is subtracted from an item's scaled and whitened blocks.

        Parameters
        ----------
        item : TaskEmbedding
            Of the references' space.

        Returns
        -------
        Mean
            The group's mean, the mean of all, a share of the group's mean (few texts), or zeros.
        """
        base, few = self.losses([item])
        centres = self.centres_
        whitened = whiten([item], self._gram_whitening, len(centres.factors.columns))
        against = centres.against(whitened.columns, whitened.starts)
        values = base[0] @ centres.values
        if few[0]:
            scaled = scaled_values(item)
            values = value_share(values, np.zeros(len(values)) if scaled is None else scaled, item.value_blocks)
        return Mean(centres.gram(centres.taken(base, few, against)[0]), values)

    def transform(self, embeddings: Sequence[TaskEmbedding]) -> np.ndarray:
        """Calibrate vectors by the means learnt before: an export, large for methods with answers; `place` is small.

        Parameters
        ----------
        embeddings : sequence of TaskEmbedding, length n
            Of the references' space.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Vectors z of unit norm; zeros where no part has a direction of its own.

        Raises
        ------
        Incomparable
            For an embedding of another space than the references.
        BadInput
            For values it cannot use.
        """
        return self.place(embeddings).vectors()

    def notes(self, embeddings: Sequence[TaskEmbedding]) -> tuple[str, ...]:
        """Tell which groups, and which language models, have too few references for a mean of their own.

        Parameters
        ----------
        embeddings : sequence of TaskEmbedding
            Whose groups to look at.

        Returns
        -------
        tuple of str
            A sentence for each such group.
        """
        if self.mode == "none":
            return ()
        groups = {group_of(e, self.mode) for e in embeddings}
        models = {e.language_model for e in embeddings}
        return (
            *told_of_few(groups, self.counts_, self.min_reference),
            *told_of_models(models, self.counts_),
        )

    @property
    def _gram_whitening(self) -> np.ndarray | None:
        return (self.whitening or {}).get("gram")

    def losses(self, embeddings: Sequence[TaskEmbedding]) -> tuple[np.ndarray, np.ndarray]:
        """Tell which groups' means items lose.

        Parameters
        ----------
        embeddings : sequence of TaskEmbedding, length n
            Of the references' space.

        Returns
        -------
        base : ndarray of float64, shape (n, g)
            How much of each group's mean.
        few : ndarray of bool, shape (n,)
            Which lose it only as far as it is in them.
        """
        known = self.centres_.strata.groups
        if not known or references(self.counts_) < self.min_reference:
            return np.zeros((len(embeddings), len(known))), np.zeros(len(embeddings), bool)
        chosen = [mean_of(groups_of(item, self.mode), self.counts_, self.min_reference) for item in embeddings]
        fewest = [self.fewest_texts_.get(group or "", 0) for group in chosen]
        few = [item.provenance.n_texts < least for item, least in zip(embeddings, fewest, strict=True)]
        return lost_means(chosen, known), np.array(few, bool)

    def _centres(self, items: Sequence[TaskEmbedding], like: TaskEmbedding) -> Centres:
        """What is taken away, from references in the order of their names, with arrays of the sizes of `like`."""
        check_usable(items, self.space_)
        names = sorted(self.counts_) if items else ()
        groups = [[g for g in groups_of(item, self.mode) if g in names] for item in items]
        families = [item.family for item in items]
        strata = Strata.of(families, groups, names)
        whitened = whiten(items, self._gram_whitening, 0 if like.factor is None else len(like.factor))
        values = np.zeros((len(names), len(like.values)))
        if len(like.values) and items:
            values = self._mean_values(items, strata.plain)
        telling = [own if tells else () for own, tells in zip(groups, whitened.answers, strict=True)]
        strata = Strata.of(families, telling, names)
        return Centres(strata, Factors(whitened.columns.T.astype(np.float64), whitened.starts), values)

    def _mean_values(self, items: Sequence[TaskEmbedding], shares: np.ndarray) -> np.ndarray:
        """Means, float64 (g, v), of the scaled values over the items that say something in them, by `shares` (p, g)."""
        total = np.zeros((shares.shape[1], len(items[0].values)))
        speakers = total.copy()
        for item, own in zip(items, shares, strict=True):
            if (scaled := scaled_values(item)) is not None:
                total += own[:, None] * scaled
                speakers += own[:, None] * speaking(scaled, item.value_blocks)
        return np.asarray(total / np.where(speakers > 0, speakers, 1.0))
