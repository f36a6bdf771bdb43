"""TuPaTE with key and value prefixes (Zhou et al. 2022; P-tuning v2), and FUTE's variant of it (section 3.1).

In every attention layer each token also attends to P trained positions, which have a key and a value but no query, no
text and no place in the sequence: they carry no relative position bias. The task embedding is the tuned prefix minus
the initial one, which all items of a space share.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import sdpa_mask

from fute_core.errors import BadInput
from fute_core.methods import Fitted, Observations
from fute_core.methods.rewiring import attention_modules, shared_copy
from fute_core.methods.training import TrainedOptions, train
from fute_core.models.batch import Batch
from fute_core.models.encoder import Surrogate
from fute_core.vectors import Block

SUPPORTED = ("bert", "camembert", "distilbert", "electra", "mpnet", "mt5", "roberta", "t5", "umt5", "xlm-roberta")
POOLINGS = {"none": (), "tokens": (2,), "layers": (0,), "both": (0, 2)}
ATTENTION = "fute_prefix"


@dataclass(frozen=True)
class Prefix(TrainedOptions):
    """Tuned minus initial prefix, (layers, key and value, P, width of attention), pooled and flattened.

    Departures from the published code: the prefix is in the encoder, where every block is trained; early stopping
    watches the dev loss; a model's soft answers have a soft cross entropy. The published 3 epochs for prompted language
    models are `model_epochs=3`.

    Parameters
    ----------
    preset, learning_rate, epochs, batch_size, patience : optional
        See `TrainedOptions`.
    model_learning_rate, model_epochs, model_batch_size : optional
        See `TrainedOptions`.
    weight_decay, warmup, clip, init_seed : float, float, float, int
        See `TrainedOptions`.
    prefix_length : int, default 16
        P.
    pooling : {"none", "tokens", "layers", "both"}, optional
        Mean over "tokens" (the P positions; TuPaTE), over "layers" (FUTE), over "both", or "none".
    dropout : float, default 0.15
        On single numbers of the prefix, in training.
    """

    prefix_length: int = 16
    pooling: Literal["none", "tokens", "layers", "both"] | None = None
    dropout: float = 0.15

    name = "prefix"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.prefix_length < 1:
            raise BadInput(f"Option prefix_length must be at least 1, not {self.prefix_length}.")
        if self.pooling not in POOLINGS:
            raise BadInput(f"There is no pooling {self.pooling!r}; choose one of {', '.join(POOLINGS)}.")

    @classmethod
    def presets(cls) -> dict[str, dict[str, Any]]:
        """List the presets, see `TrainedOptions`.

        Returns
        -------
        dict of str to dict
            For each name the options that it fills in.
        """
        return {
            "cheap": {
                "learning_rate": 1e-2, "epochs": 6, "batch_size": 32, "patience": 2,
                "model_learning_rate": 1e-2, "model_epochs": 4, "model_batch_size": 32, "pooling": "tokens",
            },
            "paper": {
                "learning_rate": 1e-2, "epochs": 120, "batch_size": 32, "patience": 4,
                "model_learning_rate": 1e-3, "model_epochs": 1, "model_batch_size": 128, "pooling": "layers",
            },
        }  # fmt: skip

    def fit(self, surrogate: Surrogate, observations: Observations) -> Fitted:
        """Train a prefix.

        Parameters
        ----------
        surrogate : Surrogate
            The encoder that reads the texts.
        observations : Observations
            Texts with their targets, and the probe texts.

        Returns
        -------
        Fitted
            float32, with one block for the keys and one for the values of each layer left by the pooling.

        Raises
        ------
        BadInput
            For a surrogate family without room for prefixes, and when there is no text.
        """
        encoder = PrefixedEncoder(surrogate)
        initial = encoder.initial_prefix(self.prefix_length, self.init_seed)
        prefix = initial.clone().to(surrogate.device).requires_grad_()
        noise = torch.Generator().manual_seed(observations.seed)

        def encode(batch: Batch, training: bool) -> torch.Tensor:
            if not training:
                return encoder.hidden(batch, prefix)
            # NumPy compares in one thread: among many, torch's threads take longer to begin than to compare.
            kept = torch.from_numpy(torch.rand(prefix.shape, generator=noise).numpy() >= self.dropout)
            return encoder.hidden(batch, prefix * (kept.to(prefix.device) / (1 - self.dropout)))

        details, _ = train(surrogate, observations, encode, [prefix], self.schedule(observations))
        return Fitted(*self._pooled((prefix.detach().cpu() - initial).numpy()), details)

    def _pooled(self, change: NDArray[np.float32]) -> tuple[NDArray[np.float32], tuple[Block, ...]]:
        axes = POOLINGS[self.pooling or "none"]
        pooled = change.mean(axes, keepdims=True, dtype=np.float64).astype(np.float32)
        size = pooled[0, 0].size
        layers = [""] if 0 in axes else [f"layer{i:02d}." for i in range(len(pooled))]
        names = [layer + kind for layer in layers for kind in ("key", "value")]
        blocks = tuple(Block(name, i * size, (i + 1) * size, part=self.name) for i, name in enumerate(names))
        return pooled.ravel(), blocks


class PrefixedEncoder:
    """A surrogate's encoder in which every attention layer also reads a prefix.

    Works on a copy that shares the weights, so the surrogate itself is never touched.

    Parameters
    ----------
    surrogate : Surrogate
        The encoder.
    """

    def __init__(self, surrogate: Surrogate) -> None:
        if surrogate.family not in SUPPORTED:
            raise BadInput(
                f"Surrogate {surrogate.id!r} is a {surrogate.family} model, in which layers have no prefix of their "
                f"own; for the prefix method use one of these families: {', '.join(SUPPORTED)}."
            )
        self.model = shared_copy(surrogate.model)
        for module in self.model.modules():  # an encoder half may have a configuration of its own
            if hasattr(module, "config"):
                settings: Any = module.config
                settings._attn_implementation = ATTENTION
        found = attention_modules(self.model)
        self.layers = [self.model.get_submodule(name) for name, _ in found]
        self.width = getattr(self.layers[0], found[0][1][1]).out_features
        if surrogate.family == "mpnet":
            for layer in self.layers:
                layer.forward = partial(_mpnet_attention, layer)

    def initial_prefix(self, length: int, seed: int) -> torch.Tensor:
        """Draw the prefix that all items of a space start from.

        Parameters
        ----------
        length : int
            P.
        seed : int
            Of the draw.

        Returns
        -------
        torch.Tensor
            Xavier-uniform, float32 (layers, 2, P, width): the same for the same shapes and seed.
        """
        generator = torch.Generator().manual_seed(seed)
        prefix = torch.empty(len(self.layers), 2, length, self.width)
        for layer in prefix:
            torch.nn.init.xavier_uniform_(layer, generator=generator)
        return prefix

    def hidden(self, batch: Batch, prefix: torch.Tensor) -> torch.Tensor:
        """Read a batch under a prefix.

        Parameters
        ----------
        batch : Batch
            Texts.
        prefix : torch.Tensor
            (layers, 2, P, width) of any P, 0 included.

        Returns
        -------
        torch.Tensor
            Last hidden states (b, t, hidden).
        """
        for layer, keys_values in zip(self.layers, prefix, strict=True):
            layer.prefix = keys_values
        states: torch.Tensor = self.model(**batch.inputs).last_hidden_state
        return states


def _prefix_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    position_bias: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Scaled dot-product attention over `module.prefix` and the tokens; a transformers attention function.

    query, key, value : (b, heads, t, size of a head). attention_mask : bool, True where attended, or None.
    """
    b, heads, size = key.shape[0], key.shape[1], key.shape[3]
    length = module.prefix.shape[1]
    prefix = module.prefix.view(2, length, heads, size).transpose(1, 2)[:, None].expand(2, b, -1, -1, -1)
    mask = attention_mask
    if position_bias is not None:
        mask = position_bias if mask is None else position_bias.masked_fill(~mask, float("-inf"))
    if mask is not None:
        mask = torch.nn.functional.pad(mask, (length, 0), value=mask.dtype == torch.bool)
    out = torch.nn.functional.scaled_dot_product_attention(
        query, torch.cat([prefix[0], key], 2), torch.cat([prefix[1], value], 2), attn_mask=mask, scale=scaling
    )
    return out.transpose(1, 2), None


def _mpnet_attention(
    module: Any,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    position_bias: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor]:
    """MPNet's self-attention by way of `_prefix_attention`: the one family that asks for no attention function."""
    query, key, value = (
        layer(hidden_states).unflatten(-1, (module.num_attention_heads, -1)).transpose(1, 2)
        for layer in (module.q, module.k, module.v)
    )
    out = _prefix_attention(module, query, key, value, attention_mask, position_bias=position_bias)[0]
    return (module.o(out.flatten(2)),)


AttentionInterface.register(ATTENTION, _prefix_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
