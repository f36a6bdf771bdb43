"""Embeddings of random vectors in a small space of three blocks."""

import numpy as np

from fute_core.vectors import Block, Provenance, TaskEmbedding

BLOCKS = (Block("a", 0, 3, "fisher", log=True), Block("b", 3, 6, "fisher", log=True), Block("g", 6, 10, "functional"))


def item(name, values, kind="dataset", *, pair=False, blocks=BLOCKS, factor=None, **provenance):
    facts = {"surrogate": "minilm", "surrogate_digest": "d", "method": "fused", "params": {"C": 1}, "data": name,
             "n_texts": 9, "pair": pair, "seed": 0, "probes": "p", "created": "2026-01-01"} | provenance  # fmt: skip
    values = np.asarray(values, np.float32)
    return TaskEmbedding(name, kind, values, blocks, f"key {name}", Provenance(**facts), factor=factor)


def random_items(n, seed=0, kind="dataset", **how):
    rng = np.random.default_rng(seed)
    return [item(f"{kind}{i}", np.exp(rng.normal(size=10)), kind, **how) for i in range(n)]
