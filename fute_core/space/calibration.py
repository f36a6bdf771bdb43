"""Calibration: what turns raw vectors, in which inputs drown the task, into a space that datasets and models share.

For block b of an item, with raw values v:

    log blocks     u_b = log(v + eps), eps = 1e-6 max(v);  u_b <- u_b - mean(u_b);  u_b <- u_b / ||u_b||
    other blocks   u_b = v / ||v||; Gram matrices of answers are whitened before, where the reference knows how

The mean m_g of the item's group g (its kind, or its kind and arity) over the reference is subtracted, and each part p
(all blocks of one method) is brought to unit norm and weighted:

    c_b = u_b - s m_g,b      z_p = sqrt(w_p / sum_q w_q) c_p / ||c_p||

so that <z, z'> = sum_p w_p cos(c_p, c'_p) / sum_p w_p, the weighted mean of the cosines within parts. A block with
nothing to say (all zero, or constant under the log) stays zero and is left out of the means; a part without a direction
of its own adds nothing, and the other parts fill the unit norm.

s is 1, but for a dataset of fewer texts than any in the reference: its few examples have taught it little of the mean,
and with all of it taken away small datasets would be alike by what they lack. Of their answers' Gram matrices the mean
is removed as far as it is there: s = <u_b, m_b> / <m_b, m_b>, between 0 and 1.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator

from fute_core.errors import BadInput, Incomparable
from fute_core.space.blocks import scale_blocks, speaking, weigh_parts
from fute_core.space.whitening import whiten_gram
from fute_core.tasks import Block, TaskEmbedding

Mode = Literal["none", "kind", "kind-arity"]
MODES = ("none", "kind", "kind-arity")
MIN_REFERENCE = 3


def group_of(embedding: TaskEmbedding, mode: Mode) -> str:
    """Name the group whose mean is subtracted.

    Parameters
    ----------
    embedding : TaskEmbedding
        Of any kind.
    mode : {"none", "kind", "kind-arity"}
        What makes a group.

    Returns
    -------
    str
        Such as "dataset" or "dataset/pair"; "all" for mode "none".
    """
    if mode == "none":
        return "all"
    return embedding.kind if mode == "kind" else f"{embedding.kind}/{'pair' if embedding.provenance.pair else 'single'}"


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
    means_ : dict of str to ndarray of float64, shape (d,)
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
        groups: dict[str, list[TaskEmbedding]] = {}
        for item in sorted(embeddings, key=lambda e: (e.name, e.key)):
            groups.setdefault(group_of(item, self.mode), []).append(item)
        self.counts_ = {group: len(items) for group, items in groups.items()}
        self.fewest_texts_ = {
            group: min(item.provenance.n_texts for item in items)
            for group, items in groups.items()
            if all(item.kind == "dataset" for item in items)
        }
        self.means_ = {} if self.mode == "none" else {g: self._mean(items) for g, items in groups.items()}
        return self

    def transform(self, embeddings: Sequence[TaskEmbedding]) -> np.ndarray:
        """Calibrate vectors by the means learnt before.

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
        return np.stack([weigh_parts(self._centred(item), item.blocks) for item in embeddings])

    def notes(self, embeddings: Sequence[TaskEmbedding]) -> tuple[str, ...]:
        """Tell which groups have too few references for a mean of their own.

        Parameters
        ----------
        embeddings : sequence of TaskEmbedding
            Whose groups to look at.

        Returns
        -------
        tuple of str
            A sentence for each such group.
        """
        return self._notes({group_of(e, self.mode) for e in embeddings})

    def to_arrays(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Write down what was learnt, for `from_arrays`.

        Returns
        -------
        arrays : dict of str to ndarray of float64
            Means and whitening.
        meta : dict
            Everything else, as JSON values.
        """
        meta = {"mode": self.mode, "min_reference": self.min_reference, "counts": self.counts_, "space": self.space_,
                "fewest_texts": self.fewest_texts_}  # fmt: skip
        arrays = {f"mean/{group}": mean for group, mean in self.means_.items()}
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
        calibrator.means_ = named["mean"]
        calibrator.counts_ = dict(meta["counts"])
        calibrator.fewest_texts_ = dict(meta["fewest_texts"])
        calibrator.space_ = dict(meta["space"])
        return calibrator

    def _mean(self, items: Sequence[TaskEmbedding]) -> np.ndarray:
        """Mean of the scaled blocks over the items that say something in them."""
        total, speakers = np.zeros(len(items[0].vector)), np.zeros(len(items[0].vector), int)
        for item in items:
            scaled = self._scaled(item)
            total = total + scaled
            speakers = speakers + speaking(scaled, item.blocks)
        mean: np.ndarray = total / np.maximum(speakers, 1)
        return mean

    def centre(self, item: TaskEmbedding, scaled: np.ndarray | None = None) -> np.ndarray:
        """Compute what is subtracted from an item's scaled and whitened blocks.

        Parameters
        ----------
        item : TaskEmbedding
            Of the references' space.
        scaled : ndarray of float64, shape (d,), optional
            Those blocks, if they are at hand; computed where they are needed.

        Returns
        -------
        ndarray of float64, shape (d,)
            The group's mean, the mean of all, a share of the group's mean (few texts), or zeros.
        """
        group = group_of(item, self.mode)
        if self.mode == "none" or sum(self.counts_.values()) < self.min_reference:
            return np.zeros(len(item.vector))
        if self.counts_.get(group, 0) < self.min_reference:
            overall: np.ndarray = np.mean([self.means_[g] for g in sorted(self.means_)], axis=0)
            return overall
        mean = self.means_[group]
        if item.provenance.n_texts >= self.fewest_texts_.get(group, 0):
            return mean
        return _share_of(mean, self._scaled(item) if scaled is None else scaled, item.blocks)

    def _centred(self, item: TaskEmbedding) -> np.ndarray:
        scaled = self._scaled(item)
        return np.where(speaking(scaled, item.blocks), scaled - self.centre(item, scaled), 0.0)

    def _scaled(self, item: TaskEmbedding) -> np.ndarray:
        if differ := [field for field, value in item.space().items() if value != self.space_[field]]:
            raise Incomparable(f"{item.name!r} is not in the space of the calibration: its {', '.join(differ)} differ.")
        if not np.isfinite(item.vector).all():
            raise BadInput(f"The embedding of {item.name!r} has values that are not finite numbers; compute it again.")
        if any(block.log and item.vector[block.start : block.stop].min(initial=0) < 0 for block in item.blocks):
            raise BadInput(
                f"The embedding of {item.name!r} has negative values where a logarithm is due; compute it again."
            )
        scaled = scale_blocks(item.vector, item.blocks)
        for block in item.blocks:
            if (matrix := (self.whitening or {}).get(block.name)) is not None:
                part = slice(block.start, block.stop)
                scaled[part] = whiten_gram(scaled[part], matrix)
        return scaled

    def _notes(self, groups: set[str]) -> tuple[str, ...]:
        if self.mode == "none":
            return ()
        total, need = sum(self.counts_.values()), self.min_reference
        if total < need:
            return (
                f"With {total} of the {need} embeddings that calibration needs, similarities are raw, so all high.",
            )
        few = sorted(group for group in groups if self.counts_.get(group, 0) < need)
        return tuple(
            f"{self.counts_.get(group, 0)} of the {need} {_plural(group)} that a mean of their own needs are there, so "
            "they are centred on the mean of all kinds."
            for group in few
        )


def _share_of(mean: np.ndarray, scaled: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    """The mean, in blocks that are not logarithms only as far as it is in `scaled`. float64 (d,)."""
    out = mean.copy()
    for block in blocks:
        part = slice(block.start, block.stop)
        size = mean[part] @ mean[part]
        if not block.log and size > 0:
            out[part] *= np.clip(scaled[part] @ mean[part] / size, 0.0, 1.0)
    return out


def _plural(group: str) -> str:
    kind, _, arity = group.partition("/")
    return f"{kind}s" + {"": "", "single": " over single texts", "pair": " over text pairs"}[arity]
