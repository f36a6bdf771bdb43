"""Calibration: what turns raw vectors, in which inputs drown the task, into a space that datasets and models share.

For block b of an item, with raw values v, or the factor F of a Gram matrix of answers:

    log blocks     u_b = log(v + eps), eps = 1e-6 max(v);  u_b <- u_b - mean(u_b);  u_b <- u_b / ||u_b||
    other blocks   u_b = v / ||v||
    Gram matrix    u_b = A F F^T A / ||A F F^T A||, A the whitening, where the reference knows how

The mean m_g of the item's group g (its kind, or its kind and arity; for prompts on a language model with references of
its own, those) over the reference, where a family counts as the square root of its items, is subtracted, and each part
p (all blocks of one method) is brought to unit norm and weighted:

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
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from fute_core.errors import BadInput
from fute_core.gram import symmetric, triangle_length, upper_triangle
from fute_core.space.blocks import speaking
from fute_core.space.centres import Centres, Mean
from fute_core.space.factors import mean_gram
from fute_core.space.groups import (
    MIN_REFERENCE,
    MODES,
    Mode,
    family_shares,
    group_of,
    grouped,
    groups_of,
    mean_of,
    references,
    told_of_few,
    told_of_models,
)
from fute_core.space.placed import EXACT, Placed
from fute_core.space.placing import gram_shares, place_items, value_share
from fute_core.space.scaling import check_usable, scaled_values, whiten
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
        Mean of each group.
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
        groups = grouped(sorted(embeddings, key=lambda e: (e.name, e.key)), self.mode)
        self.counts_ = {group: len(items) for group, items in groups.items()}
        self.fewest_texts_ = {
            group: min(item.provenance.n_texts for item in items)
            for group, items in groups.items()
            if all(item.kind == "dataset" for item in items)
        }
        first = embeddings[0]
        self.centres_ = Centres({}, 0 if first.factor is None else len(first.factor), len(first.values))
        if self.mode != "none":
            self.centres_ = self.centres_.of({g: self._mean(items) for g, items in groups.items()})
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
        whitened = whiten(embeddings, self._gram_whitening, centres.r, centres.halves, precision)
        base, few = self._losses(embeddings)
        return place_items(embeddings, whitened, base, few, centres)

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
        base, few = self._losses([item])
        centres = self.centres_
        taken, values = base, base[0] @ centres.values
        if few[0]:
            whitened = whiten([item], self._gram_whitening, centres.r, centres.halves)
            taken = gram_shares(base, few, whitened.against, centres.products)
            scaled = scaled_values(item)
            values = value_share(values, np.zeros(len(values)) if scaled is None else scaled, item.value_blocks)
        return Mean(np.tensordot(taken[0], centres.grams, 1), values)

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

    def to_arrays(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Write down what was learnt, for `from_arrays`.

        Returns
        -------
        arrays : dict of str to ndarray of float64
            Means, as vectors, and whitening.
        meta : dict
            Everything else, as JSON values.
        """
        meta = {"mode": self.mode, "min_reference": self.min_reference, "counts": self.counts_, "space": self.space_,
                "fewest_texts": self.fewest_texts_, "rank": self.centres_.r, "values": self.centres_.v}  # fmt: skip
        arrays = {
            f"mean/{group}": np.concatenate([upper_triangle(mean.gram), mean.values])
            for group, mean in self.centres_.means.items()
        }
        return arrays | {f"whitening/{block}": matrix for block, matrix in (self.whitening or {}).items()}, meta

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> "Calibrator":
        """Read a calibrator that was fitted elsewhere, such as on a shipped reference.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            From `to_arrays`.
        meta : mapping
            From `to_arrays`.

        Returns
        -------
        Calibrator
            Fitted.
        """
        named: dict[str, dict[str, np.ndarray]] = {"mean": {}, "whitening": {}}
        for name, array in arrays.items():
            what, _, of = name.partition("/")
            named[what][of] = np.asarray(array, np.float64)
        calibrator = cls(meta["mode"], meta["min_reference"], named["whitening"])
        end = triangle_length(meta["rank"])
        means = {g: Mean(symmetric(mean[:end]), mean[end:]) for g, mean in named["mean"].items()}
        calibrator.centres_ = Centres({}, meta["rank"], meta["values"]).of(means)
        calibrator.counts_ = dict(meta["counts"])
        calibrator.fewest_texts_ = dict(meta["fewest_texts"])
        calibrator.space_ = dict(meta["space"])
        return calibrator

    @property
    def _gram_whitening(self) -> np.ndarray | None:
        return (self.whitening or {}).get("gram")

    def _losses(self, embeddings: Sequence[TaskEmbedding]) -> tuple[np.ndarray, np.ndarray]:
        """How much of each group's mean items lose, float64 (n, g), and which lose it only as far as it is in them."""
        known = list(self.centres_.means)
        base, few = np.zeros((len(embeddings), len(known))), np.zeros(len(embeddings), bool)
        if not known or references(self.counts_) < self.min_reference:
            return base, few
        kinds = np.array(["@" not in group for group in known])
        for i, item in enumerate(embeddings):
            group = mean_of(groups_of(item, self.mode), self.counts_, self.min_reference)
            if group is None:
                base[i, kinds] = 1.0 / kinds.sum()
            else:
                base[i, known.index(group)] = 1.0
                few[i] = item.provenance.n_texts < self.fewest_texts_.get(group, 0)
        return base, few

    def _mean(self, items: Sequence[TaskEmbedding]) -> Mean:
        """Mean of the scaled blocks over the items that say something in them, see `family_shares`."""
        check_usable(items, self.space_)
        whitened = whiten(items, self._gram_whitening, self.centres_.r)
        columns, shares = whitened.columns.astype(np.float64), family_shares([item.family for item in items])
        total, speakers = np.zeros(self.centres_.v), np.zeros(self.centres_.v)
        for item, share in zip(items, shares, strict=True):
            if (scaled := scaled_values(item)) is not None:
                total, speakers = total + share * scaled, speakers + share * speaking(scaled, item.value_blocks)
        gram = mean_gram(columns, np.diff(whitened.starts, append=len(columns)), shares)
        spoken = float(shares[whitened.answers].sum()) or 1.0
        return Mean(gram / spoken, total / np.where(speakers > 0, speakers, 1.0))
