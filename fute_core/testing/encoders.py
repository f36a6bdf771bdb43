"""The clauses of a surrogate, each tried on short, long and foreign texts."""

from typing import TYPE_CHECKING

import numpy as np

from fute_core.datasets.probes import load_probes
from fute_core.testing.clauses import HARD_TEXTS, Problems, same

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate


def surrogate_problems(surrogate: "Surrogate", tolerance: float) -> Problems:
    """Try every clause of a surrogate's contract.

    Parameters
    ----------
    surrogate : Surrogate
        The encoder.
    tolerance : float
        How far features may differ between batches.

    Yields
    ------
    str
        A sentence for each clause that is broken.
    """
    if surrogate.model.training or any(p.requires_grad for p in surrogate.model.parameters()):
        yield "its model is not frozen in eval mode"
    for pair in (False, True):
        short = sorted(load_probes(pair, 96).texts, key=lambda text: len("".join(text)))[:12]
        texts = [*short, *([(t, t) for t in HARD_TEXTS] if pair else HARD_TEXTS)]
        what = "pairs" if pair else "single texts"
        seen = np.concatenate([batch.index for batch in surrogate.batches(texts, 200)])
        if sorted(seen.tolist()) != list(range(len(texts))):
            yield f"{what}: batches do not hold every text once"
        longest = max(map(len, surrogate.encoded(texts)["input_ids"]))
        if longest > surrogate.max_length:
            yield f"{what}: {longest} tokens where {surrogate.max_length} are the most"
        if not 1 <= surrogate.count_truncated(texts) <= len(texts) - 12:
            yield f"{what}: {surrogate.count_truncated(texts)} texts count as too long"
        features = surrogate.features(texts)
        if features.dtype != np.float32 or features.shape != (len(texts), surrogate.hidden_size):
            yield f"{what}: features are {features.dtype} {features.shape}"
            return
        if not np.isfinite(features).all():
            yield f"{what}: features are not finite"
        scale = float(np.abs(features).max())
        alone = np.concatenate([surrogate.features([text]) for text in texts])
        yield from same(f"{what} read one at a time", features / scale, alone / scale, tolerance)
        yield from same(f"{what} read again", features, surrogate.features(texts), 0.0)
        if np.ptp(features, axis=0).max() <= tolerance * scale:
            yield f"{what}: all texts have the same features"
