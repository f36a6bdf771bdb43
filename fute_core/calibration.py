"""Calibration: what turns raw vectors, in which inputs drown the task, into a space that datasets and models share.

For an item's block b with raw values v (DESIGN: per-layer log, centre, scale):

    log blocks     u_b = log(v + eps), eps = 1e-6 max(v);  u_b <- u_b - mean(u_b);  u_b <- u_b / ||u_b||
    other blocks   u_b = v / ||v||

The reference mean of the item's group (its kind, or its kind and arity) is subtracted, each part (all blocks of one
method) is brought to unit norm and weighted by the square root of its share of `Block.weight`, so that the dot product
of two calibrated items is the weighted mean of the cosines within parts.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from fute_core.errors import BadInput
from fute_core.tasks import Block, TaskEmbedding

Mode = Literal["none", "kind", "kind-arity"]
MODES = ("none", "kind", "kind-arity")
MIN_REFERENCE = 3


def scale_blocks(vector: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    """Log where a block asks for it, centred and at unit norm within each block; float64 (d,). Zeros stay zeros."""
    out = np.zeros(len(vector))
    for block in blocks:
        values = vector[block.start : block.stop].astype(np.float64)
        if block.log and values.max(initial=0.0) > 0:
            values = np.log(values + 1e-6 * values.max())
            values -= values.mean()
        norm = np.linalg.norm(values)
        if norm > 0:
            out[block.start : block.stop] = values / norm
    return out


def weigh_parts(vector: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    """Each part at the norm sqrt(weight / sum of weights); a part that is all zeros stays so. float32 (d,)."""
    parts: dict[str, list[Block]] = {}
    for block in blocks:
        parts.setdefault(block.part, []).append(block)
    total = sum(members[0].weight for members in parts.values())
    out = np.zeros(len(vector))
    for members in parts.values():
        index = np.concatenate([np.arange(b.start, b.stop) for b in members])
        norm = np.linalg.norm(vector[index])
        if norm > 1e-9:
            out[index] = vector[index] / norm * np.sqrt(members[0].weight / total)
    return out.astype(np.float32)


def group_of(embedding: TaskEmbedding, mode: Mode) -> str:
    """The group whose mean is subtracted: "dataset", or "dataset/pair"."""
    if mode == "none":
        return "all"
    return embedding.kind if mode == "kind" else f"{embedding.kind}/{'pair' if embedding.provenance.pair else 'single'}"


class Calibrator:
    """Learns the mean of each group from reference embeddings and applies it to any other.

    mode : "none" (scaled blocks only), "kind", or "kind-arity".
    min_reference : a group with fewer references than this is centred on the mean of the groups' means instead.

    Attributes: means_ (group to float64 (d,)), counts_ (group to number of references).
    """

    def __init__(self, mode: Mode = "kind-arity", min_reference: int = MIN_REFERENCE):
        self.mode = mode
        self.min_reference = min_reference

    def fit(self, embeddings: Sequence[TaskEmbedding]) -> "Calibrator":
        """Learn the groups' means. Raises BadInput for an unknown mode or no embeddings."""
        if self.mode not in MODES:
            raise BadInput(f"Calibration {self.mode!r} is unknown; choose from {', '.join(MODES)}.")
        if not embeddings:
            raise BadInput("There are no embeddings to calibrate on; embed something first.")
        groups: dict[str, list[np.ndarray]] = {}
        for item in embeddings:
            groups.setdefault(group_of(item, self.mode), []).append(scale_blocks(item.vector, item.blocks))
        self.means_ = {name: np.mean(rows, axis=0) for name, rows in groups.items()}
        self.counts_ = {name: len(rows) for name, rows in groups.items()}
        return self

    def transform(self, embeddings: Sequence[TaskEmbedding]) -> np.ndarray:
        """Calibrated vectors, float32 (n, d); unit norm, except items that say nothing more than their group's mean."""
        return np.stack([self._one(item) for item in embeddings])

    def notes(self, embeddings: Sequence[TaskEmbedding]) -> tuple[str, ...]:
        """A sentence for each group among `embeddings` that has too few references for a mean of its own."""
        if self.mode == "none":
            return ()
        few = sorted({group_of(e, self.mode) for e in embeddings if not self._has_mean(group_of(e, self.mode))})
        return tuple(
            f"Only {self.counts_.get(g, 0)} of kind {g.split('/')[0]} in this space, so these are centred on the mean of "
            f"all kinds; similarities get better from {self.min_reference} on."
            for g in few
        )

    def to_arrays(self) -> tuple[dict[str, np.ndarray], dict]:
        """(means as float32 arrays, mode and counts as JSON values), to be stored and loaded by `from_arrays`."""
        arrays = {name: mean.astype(np.float32) for name, mean in self.means_.items()}
        return arrays, {"mode": self.mode, "min_reference": self.min_reference, "counts": dict(self.counts_)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], meta: Mapping) -> "Calibrator":
        """A calibrator fitted elsewhere, such as on a shipped reference."""
        calibrator = cls(meta["mode"], meta["min_reference"])
        calibrator.means_ = {name: mean.astype(np.float64) for name, mean in arrays.items()}
        calibrator.counts_ = dict(meta["counts"])
        return calibrator

    def _has_mean(self, group: str) -> bool:
        return self.counts_.get(group, 0) >= self.min_reference

    def _one(self, item: TaskEmbedding) -> np.ndarray:
        scaled = scale_blocks(item.vector, item.blocks)
        if self.mode != "none" and scaled.any():
            group = group_of(item, self.mode)
            mean = self.means_[group] if self._has_mean(group) else np.mean(list(self.means_.values()), axis=0)
            if not np.allclose(scaled, mean):
                # A part that is all zeros (constant answers) says nothing: the mean must not speak in its place.
                scaled = scaled - np.where(_spoken(scaled, item.blocks), mean, 0.0)
            elif sum(self.counts_.values()) > 1:
                return np.zeros(len(scaled), np.float32)
        return weigh_parts(scaled, item.blocks)


def _spoken(scaled: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    mask = np.zeros(len(scaled), bool)
    for block in blocks:
        mask[block.start : block.stop] = scaled[block.start : block.stop].any()
    return mask
