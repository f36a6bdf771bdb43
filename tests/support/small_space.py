"""A space of known shape for pages: three families of single texts and one of pairs, each its own direction."""

from pathlib import Path

import numpy as np

from fute_core.store.store import Store
from fute_core.vectors import Block, Provenance, TaskEmbedding

FAMILIES = ("sentiment", "toxicity", "topic")
NAMED = {"sst2": "sentiment", "mr": "sentiment", "tweet_hate": "toxicity", "davidson": "toxicity", "ag_news": "topic"}
HOSTILE = "![x](http://192.0.2.1/x.png) <img src=x onerror=alert(1)> $a$ :red[b]"


def small_embedding(
    name: str, kind: str, family: str | None, seed: int, pair: bool = False, **details
) -> TaskEmbedding:
    """float32 (24,): the family's axis and a little noise."""
    rng = np.random.default_rng(seed)
    vector = rng.normal(scale=0.25, size=24)
    if family in FAMILIES:
        vector[FAMILIES.index(family)] += 3
    made = Provenance(
        surrogate="small", surrogate_digest="0" * 32, method="fused", params={}, data="", n_texts=100, pair=pair,
        seed=0,
        probes="pairs" if pair else "single", created="2026-01-02T03:04:05+00:00",
        details={"labels": ["no", "yes"], **details},
    )  # fmt: skip
    vector = vector.astype(np.float32)
    return TaskEmbedding(name, kind, vector, (Block("all", 0, 24, "fused"),), f"{kind}{name}{pair}", made, family)


def fill(home: Path) -> None:
    """Datasets, classifiers and prompts into the store of a home."""
    store = Store(home / "cache")
    for n, (name, family) in enumerate(NAMED.items()):
        facts = {"architecture": "bayes", "accuracy": 0.81}
        asked = {"language_model": "smollm2", "template": "{{ text }} Good?"}
        store.put_embedding(small_embedding(name, "dataset", family, 3 * n))
        store.put_embedding(small_embedding(f"{name} bayes", "model", family, 3 * n + 1, **facts))
        store.put_embedding(small_embedding(f"{name} asked @ smollm2", "prompt", family, 3 * n + 2, **asked))
    store.put_embedding(small_embedding(HOSTILE, "prompt", None, 99))
    for n, name in enumerate(("snli", "sick", "mrpc", "my pairs")):
        store.put_embedding(small_embedding(name, "dataset", "inference", 200 + n, pair=True))
