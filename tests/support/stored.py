"""Embeddings to put into a store."""

from dataclasses import replace

import numpy as np

from fute_core.vectors import Block, Provenance, TaskEmbedding

BIG = np.arange(20_000, dtype=np.float32)  # beyond 32 kB: a file of its own, not a database row


def embedding(name="sst2", *, key="k1", kind="dataset", method="fused", created="2026-01-01", seed=0):
    vector = np.random.default_rng(len(name) + seed).standard_normal(300).astype(np.float32)
    provenance = Provenance(
        "minilm", "abc", method, {"C": 0.1}, "data", 20, False, seed, created=created, details={"labels": ["a", "b"]}
    )
    return TaskEmbedding(
        name, kind, vector, (Block("layer", 0, 300, "fisher", log=True),), key, provenance, "sentiment"
    )


def same(a: TaskEmbedding, b: TaskEmbedding) -> bool:
    return np.array_equal(a.vector, b.vector) and replace(a, values=None, factor=None) == replace(
        b, values=None, factor=None
    )
