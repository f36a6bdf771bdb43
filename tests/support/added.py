"""What a user added to the shipped atlas, without computing: the vector of something shipped, slightly moved."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from fute_core.atlas.gallery import load_gallery
from fute_core.store.store import Store

HOSTILE = "![x](http://192.0.2.1/x.png) <img src=x onerror=alert(1)> $a$ :red[b]"


def add(
    home: Path,
    name: str,
    like: str,
    kind: str = "model",
    family: str | None = None,
    n_texts: int | None = None,
    reader: str | None = None,
    **details: object,
) -> str:
    """Put an embedding like the shipped dataset called `like` into the store of a home; returns its id."""
    shipped = next(i.embedding for i in load_gallery(False).items if i.embedding.name == like)
    moved = np.random.default_rng(len(name)).uniform(0.98, 1.02, shipped.factor.shape)
    made = shipped.provenance if n_texts is None else replace(shipped.provenance, n_texts=n_texts)
    made = replace(made, details={**made.details, **details})
    made = made if reader is None else replace(made, surrogate=reader, surrogate_digest=f"of {reader}")
    own = replace(
        shipped,
        provenance=made,
        name=name,
        kind=kind,
        family=family,
        factor=(shipped.factor * moved).astype(np.float32),
        key=f"{kind}-{name}" + (f"-{reader}" if reader else ""),
    )
    Store(home / "cache").put_embedding(own)
    return f"{kind}:{name}"
