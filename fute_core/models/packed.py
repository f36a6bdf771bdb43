"""Llama models reading texts of any lengths at once, without padding.

The tokens of all texts stand in one column, so that no matrix product reads padding. Query, key and value are one
product, as are gate and up, and a pass over few enough tokens keeps what lies between the products in the processor's
cache. What was read may be kept, and any number of texts may continue from any part of it.
"""

from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.models.attention import attends_ragged, attention_of
from fute_core.models.place import sent
from fute_core.models.sequences import Kept, Sequences
from fute_core.models.tokens_read import note_tokens

if TYPE_CHECKING:
    import torch

ROWS_PER_OUTPUT = 64
"""Positions whose whole vocabulary is kept at once: it bounds memory."""
ROWS_ELSEWHERE = 512
"""The same where products are fast, and few rows would leave most of the device idle."""
_STATIC_ROPE = ("default", "linear", "llama3")
"""Rotations that depend on a token's position alone, not on how long the text is."""


@dataclass(frozen=True)
class _Layer:
    before_attention: Any
    qkv: "torch.Tensor"
    attended: "torch.Tensor"
    before_mlp: Any
    gate_up: "torch.Tensor"
    down: "torch.Tensor"


def reads_packed(model: Any) -> bool:
    """Whether `PackedLlama` computes what the model computes.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Any language model.

    Returns
    -------
    bool
        False for another architecture, and for a Llama with biases, adapters or parts elsewhere.
    """
    import torch
    from transformers import LlamaForCausalLM

    if type(model) is not LlamaForCausalLM:
        return False
    config, core = model.config, model.model
    linear = [m for layer in core.layers for m in (*layer.self_attn.children(), *layer.mlp.children())]
    plain = all(type(m) is torch.nn.Linear and m.bias is None for m in linear if any(True for _ in m.parameters()))
    others = [core.embed_tokens.weight, core.norm.weight, *(layer.input_layernorm.weight for layer in core.layers)]
    return (
        plain
        and config.hidden_act == "silu"
        and core.rotary_emb.rope_type in _STATIC_ROPE
        and all(w.dtype == torch.float32 for w in others)
        and len({p.device for p in model.parameters()}) == 1
        and not core.embed_tokens.weight.is_meta
    )


class PackedLlama:
    """A Llama that reads texts of any lengths at once.

    Parameters
    ----------
    model : transformers.LlamaForCausalLM
        One that `reads_packed` accepts. Weights that are multiplied together are laid beside each other, once for both.

    Attributes
    ----------
    whole : transformers.LlamaForCausalLM
        The same model.
    """

    def __init__(self, model: Any):
        config = model.config
        self.whole = model
        self._core = model.model
        self._heads: int = config.num_attention_heads
        self._kv: int = config.num_key_value_heads
        self._size: int = model.model.layers[0].self_attn.head_dim
        self._layers = [
            _Layer(
                layer.input_layernorm,
                _beside(layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj),
                layer.self_attn.o_proj.weight,
                layer.post_attention_layernorm,
                _beside(layer.mlp.gate_proj, layer.mlp.up_proj),
                layer.mlp.down_proj.weight,
            )
            for layer in self._core.layers
        ]
        self._ragged = attends_ragged(self._layers[0].qkv, self._size)
        self._output = _halved(model.get_output_embeddings().weight, self._layers[0].qkv) if self._ragged else None

    @property
    def device(self) -> "torch.device":
        """Where the layers are."""
        device: torch.device = self._core.embed_tokens.weight.device
        return device

    def sent(self, numbers: NDArray[Any]) -> "torch.Tensor":
        """Send numbers to where the layers are.

        Parameters
        ----------
        numbers : ndarray
            They are not written to afterwards.

        Returns
        -------
        Tensor
            The same numbers there.
        """
        return sent(numbers, self.device, ahead=self._ragged)

    def log_p(self, states: "torch.Tensor", wanted: "torch.Tensor") -> "torch.Tensor":
        """Compute how probable words are as the next ones.

        Parameters
        ----------
        states : Tensor of float32, shape (n, hidden)
            As `read` gives them.
        wanted : Tensor of int, shape (n, m)
            Token ids.

        Returns
        -------
        Tensor of float32, shape (n, m)
            Log-probabilities among the whole vocabulary.
        """
        import torch

        at_once = ROWS_ELSEWHERE if self._ragged else ROWS_PER_OUTPUT
        found = []
        for start in range(0, len(states), at_once):
            rows = slice(start, start + at_once)
            found.append(torch.log_softmax(self._logits(states[rows]), 1).gather(1, wanted[rows]))
        return torch.cat(found)

    def _logits(self, states: "torch.Tensor") -> "torch.Tensor":
        import torch

        if self._output is None:
            logits: torch.Tensor = self.whole.get_output_embeddings()(states).float()
            return logits
        # Two numbers of eight bits hold sixteen of a state, so that products of half precision lose next to nothing.
        high = states.to(self._output.dtype)
        low = (states - high).to(self._output.dtype)
        logits = torch.mm(high, self._output.T, out_dtype=torch.float32)
        return logits.add_(torch.mm(low, self._output.T, out_dtype=torch.float32))

    def nothing(self) -> Kept:
        """Give what may be continued where nothing was read.

        Returns
        -------
        Kept
            One empty sequence.
        """
        dtype = self._layers[0].qkv.dtype if self._ragged else None
        empty = self._core.norm.weight.new_empty((0, self._kv, self._size), dtype=dtype)
        return Kept([(empty, empty)] * len(self._layers), np.zeros(0, np.intp), np.zeros(1, np.intp))

    def read(
        self, sequences: Sequences, *, keep: bool = False, last: bool = False
    ) -> "tuple[torch.Tensor, Kept | None]":
        """Read token sequences, each after what it continues.

        Parameters
        ----------
        sequences : Sequences
            One or more; none sees another. Those of equal length are best beside each other.
        keep : bool, default False
            Whether to return keys and values, for the sequences to be continued.
        last : bool, default False
            Whether the last token of each is enough: the last layer then computes no other.

        Returns
        -------
        tuple of (Tensor, Kept or None)
            Normalised float32 states (tokens, hidden) of all sequences, one after the other, as the output matrix takes
            them; with `last` (n, hidden). And with `keep` everything that `sequences.past` holds, then these.
        """
        import torch

        core = self._core
        note_tokens(sequences.lengths.sum())
        ids = np.fromiter(chain.from_iterable(sequences.ids), np.int64, int(sequences.lengths.sum()))
        x = core.embed_tokens(self.sent(ids))
        positions = self.sent(sequences.positions())
        cos, sin = (t[0, :, None, : self._size // 2] for t in core.rotary_emb(x, positions[None]))
        attention = attention_of(sequences, self._layers[0].attended, self._ragged)
        ends = self.sent(np.cumsum(sequences.lengths) - 1) if last else None
        kept: list[tuple[torch.Tensor, torch.Tensor]] = []
        for number, layer in enumerate(self._layers):
            q, k, v = self._qkv(_normed(layer.before_attention, x), layer.qkv, cos, sin)
            known = sequences.known(number, k, v)
            if ends is not None and number == len(self._layers) - 1:
                x, q = x[ends], q[ends]
                attention = attention.of_last()
            if keep:
                kept.append(known)
            seen = attention.attend(q, *known).view(len(x), -1)
            x.add_(torch.nn.functional.linear(seen.to(layer.attended.dtype), layer.attended))
            x.add_(self._mlp(_normed(layer.before_mlp, x), layer))
        return _normed(core.norm, x), sequences.kept(kept) if keep else None

    def _qkv(
        self, h: "torch.Tensor", weight: "torch.Tensor", cos: "torch.Tensor", sin: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor, torch.Tensor]":
        """Rotated queries (t, heads, size), rotated keys and values (t, kv, size)."""
        import torch

        both = self._heads + self._kv
        made = self._between(torch.nn.functional.linear(h.to(weight.dtype), weight)).view(len(h), both + self._kv, -1)
        a, b = made[:, :both].view(len(h), both, 2, -1).unbind(2)
        turned = made.new_empty((len(h), both, self._size))
        first, second = turned.view(len(h), both, 2, -1).unbind(2)
        torch.mul(a, cos, out=first).addcmul_(b, sin, value=-1)
        torch.mul(b, cos, out=second).addcmul_(a, sin)
        return turned[:, : self._heads], turned[:, self._heads :], made[:, both:]

    def _mlp(self, h: "torch.Tensor", layer: _Layer) -> "torch.Tensor":
        import torch

        h = h.to(layer.gate_up.dtype)
        if self._ragged:  # halves of one product lie apart, row by row, and what follows would take twice as long
            gate, up = (torch.nn.functional.linear(h, half) for half in layer.gate_up.chunk(2))
        else:
            gate, up = self._between(torch.nn.functional.linear(h, layer.gate_up)).chunk(2, 1)
        gated = torch.nn.functional.silu(gate, inplace=True).mul_(up)
        return torch.nn.functional.linear(gated.to(layer.down.dtype), layer.down)

    def _between(self, made: "torch.Tensor") -> "torch.Tensor":
        """What comes out of a product: float32 where that costs next to nothing, beside products as slow as here.

        Where products are fast, twice the bytes between them would cost as much as they do.
        """
        return made if self._ragged else made.float()


def _halved(weight: "torch.Tensor", like: "torch.Tensor") -> "torch.Tensor | None":
    """Weights in the precision of others, where they were of that precision before they were widened."""
    half = weight.to(like.dtype)
    return half if bool((half == weight).all()) else None


def _beside(*linear: Any) -> "torch.Tensor":
    """The weights of layers in one matrix, of which each layer then keeps its part: nothing is held twice."""
    import torch

    together = torch.cat([m.weight for m in linear])
    stops = list(accumulate(len(m.weight) for m in linear))
    for m, stop in zip(linear, stops, strict=True):
        m.weight.data = together[stop - len(m.weight) : stop]
    return together


def _normed(norm: Any, x: "torch.Tensor") -> "torch.Tensor":
    import torch

    return torch.nn.functional.rms_norm(x, (x.shape[-1],), norm.weight, norm.variance_epsilon)
