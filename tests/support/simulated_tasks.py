"""Tasks whose truth is known: families of datasets and black boxes as random functions of random texts."""

import numpy as np

from fute_core.atlas.gallery import Item
from fute_core.gram import gram_factor, triangle_length
from fute_core.methods.functional import log_odds
from fute_core.vectors import Block, Provenance, TaskEmbedding

TEXTS, RANK, LABELS = 96, 24, 3


def basis(seed: int = 0) -> np.ndarray:
    """(TEXTS, RANK), orthonormal and centred."""
    drawn = np.random.default_rng(seed).normal(size=(TEXTS, RANK))
    return np.linalg.qr(drawn - drawn.mean(0))[0]


def families(names: list[str], seed: int = 0, kinds: tuple[str, ...] = ("dataset", "model")) -> list[Item]:
    """Two datasets a family, each with two black boxes; all tasks have something in common, as real ones do."""
    rng = np.random.default_rng(seed)
    q = basis()
    common = rng.normal(size=(RANK, LABELS))
    items = []
    for family in names:
        job = rng.normal(size=(RANK, LABELS))
        for at in range(2):
            task = common + job + 0.4 * rng.normal(size=(RANK, LABELS))
            for kind, count in (("dataset", 1), ("model", 2)):
                for n in range(count if kind in kinds else 0):
                    own = task + 0.5 * rng.normal(size=(RANK, LABELS))
                    items.append(_item(f"{family}-{at}", kind, family, n, 12 * q @ own))
    return items


def _item(dataset: str, kind: str, family: str, n: int, logits: np.ndarray) -> Item:
    proba = np.exp(logits - logits.max(1, keepdims=True))
    answers = (proba / proba.sum(1, keepdims=True)).astype(np.float32)
    factor = gram_factor(log_odds(answers), basis())[0]
    block = Block("gram", 0, triangle_length(RANK), part="functional")
    made = Provenance("none", "", "functional", {}, "", TEXTS, False, 0, probes="simulated")
    name = dataset if kind == "dataset" else f"{dataset} · {n}"
    embedding = TaskEmbedding(name, kind, np.zeros(0, np.float32), (block,), name, made, family, factor)
    return Item(embedding, {"dataset": dataset} if kind == "model" else {}, answers)
