"""Sentence features of an encoder that is not the surrogate: a language model's middle layer, averaged over tokens.

So that an "encoder" black box shares no weights with what reads it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import Unavailable
from fute_core.evaluation.parts.trainers import encoder_logistic
from fute_core.models.language import DEFAULT_LANGUAGE_MODEL, load_language_model, model_identity
from fute_core.models.place import put
from fute_core.predictors.sklearn import SklearnPredictor
from fute_core.store.store import Store
from fute_core.tasks import TaskDataset

LAYER_SHARE = 2 / 3
MAX_TOKENS = 128
TOKENS_PER_BATCH = 4096


def encoder_trainer(store: Store, ref: str = DEFAULT_LANGUAGE_MODEL) -> Callable[[TaskDataset], SklearnPredictor]:
    """Make a trainer of logistic regression on that encoder's features.

    Parameters
    ----------
    store : Store
        Keeps features, so that texts seen before are not read again.
    ref : str
        Language model: packaged name, directory or Hub id.

    Returns
    -------
    callable
        Takes a TaskDataset and returns a fitted SklearnPredictor.
    """
    identity = digest(("encoder-features", 1, model_identity(ref)[1]))

    def features(texts: Sequence[str]) -> NDArray[np.float32]:
        key = digest((identity, tuple(texts)))
        if (known := store.get(key)) is not None:
            kept: NDArray[np.float32] = known[0]["features"]
            return kept
        computed = _features(texts, ref)
        with suppress(Unavailable):  # on a disk that takes nothing they are read anew in the next process
            store.put(key, {"features": computed}, {"kind": "features"})
        return computed

    return encoder_logistic(features, identity)


def _features(texts: Sequence[str], ref: str) -> NDArray[np.float32]:
    """float32 (n, hidden)."""
    import torch

    lm = load_language_model(ref)
    body = lm.model.get_decoder() if hasattr(lm.model, "get_decoder") else lm.model.base_model
    layer = round(LAYER_SHARE * lm.model.config.num_hidden_layers)
    ids = lm.tokenizer(list(texts))["input_ids"]
    ids = [row[:MAX_TOKENS] or [0] for row in ids]
    lengths = np.array([len(row) for row in ids])
    order = np.argsort(lengths, kind="stable")
    out = np.zeros((len(texts), lm.model.config.hidden_size), np.float32)
    start = 0
    with torch.inference_mode():
        while start < len(order):
            stop = start + 1
            while stop < len(order) and (stop + 1 - start) * lengths[order[stop]] <= TOKENS_PER_BATCH:
                stop += 1
            rows = order[start:stop]
            batch = torch.zeros((len(rows), int(lengths[rows].max())), dtype=torch.long)
            mask = torch.zeros_like(batch)
            for place, row in enumerate(rows):
                batch[place, : lengths[row]] = torch.tensor(ids[row])
                mask[place, : lengths[row]] = 1
            given = put({"input_ids": batch, "attention_mask": mask}, lm.device)
            hidden = body(**given, output_hidden_states=True).hidden_states[layer].float().cpu()
            # The first token of a causal model holds no text of its own, only a huge constant; a text of one token has
            # no features then, beside whatever others it is read.
            weight = mask.float()
            weight[:, 0] = 0.0
            pooled = (hidden * weight[..., None]).sum(1) / weight.sum(1, keepdim=True).clamp(min=1)
            out[rows] = pooled.numpy()
            start = stop
    return out
