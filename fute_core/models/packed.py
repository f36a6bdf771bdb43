"""Llama models reading texts of any lengths at once, without padding.

The tokens of all texts stand in one column, so that no matrix product reads padding; attention, a small part of
the work, takes texts of equal length together. Query, key and value are one product, as are gate and up, and a pass
over few enough tokens keeps what lies between the products in the processor's cache.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import torch

Layers: TypeAlias = "list[tuple[torch.Tensor, torch.Tensor]]"
"""Keys and values (n, heads, t, size) of every layer; n is 1 where all rows share them."""
_STATIC_ROPE = ("default", "linear", "llama3")
"""Rotations that depend on a token's position alone, not on how long the text is."""


@dataclass(frozen=True)
class Rows:
    """Rows of equal length that continue from the same length of what was read before.

    Parameters
    ----------
    ids : Tensor of int, shape (n, t)
        Token ids.
    past : list of (Tensor, Tensor)
        Keys and values of what stands before, layer by layer; empty for nothing.
    """

    ids: "torch.Tensor"
    past: Layers

    @property
    def n_past(self) -> int:
        """How many tokens stand before each row.

        Returns
        -------
        int
            0 for none.
        """
        return self.past[0][0].shape[2] if self.past else 0


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
    """The layers of a Llama, without its output matrix.

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

    @property
    def device(self) -> "torch.device":
        """Where the layers are."""
        device: torch.device = self._core.embed_tokens.weight.device
        return device

    def read(
        self, groups: list[Rows], *, keep: bool = False, last: bool = False
    ) -> "tuple[list[torch.Tensor], list[Layers]]":
        """Read rows after what stands before them.

        Parameters
        ----------
        groups : list of Rows
            One or more; no row sees another.
        keep : bool, default False
            Whether to return keys and values, for rows to be continued.
        last : bool, default False
            Whether the last token of each row is enough: the last layer then computes no other.

        Returns
        -------
        tuple of (list of Tensor, list of Layers)
            Normalised float32 states (n, t or 1, hidden) of every group, as the output matrix takes them; and the keys
            and values of everything each group has read, or nothing.
        """
        import torch

        core = self._core
        ids = torch.cat([group.ids.flatten() for group in groups])
        rows = asked = _spans([group.ids.numel() for group in groups])
        x = core.embed_tokens(ids)
        places = [torch.arange(g.ids.shape[1], device=ids.device) + g.n_past for g in groups]
        positions = torch.cat([p.repeat(len(g.ids)) for p, g in zip(places, groups, strict=True)])
        cos, sin = (t[0, :, None, : self._size // 2] for t in core.rotary_emb(x, positions[None]))
        masks: list[torch.Tensor | None] = [self._mask(group) for group in groups]
        kept: list[Layers] = [[] for _ in groups]
        for number, layer in enumerate(self._layers):
            q, k, v = self._qkv(_normed(layer.before_attention, x), layer.qkv, cos, sin)
            if last and number == len(self._layers) - 1:
                ends = torch.cat([_ends(group, span.start) for group, span in zip(groups, rows, strict=True)])
                x, q = x[ends], q[ends]
                asked = _spans([len(group.ids) for group in groups])
                masks = [None] * len(groups)
            found = torch.empty((len(x), self._heads * self._size), dtype=layer.attended.dtype, device=x.device)
            for i, group in enumerate(groups):
                known = self._known(group, number, k[rows[i]], v[rows[i]])
                self._attend(q[asked[i]], known, masks[i], found[asked[i]])
                if keep:
                    kept[i].append(known)
            x.add_(torch.nn.functional.linear(found, layer.attended))
            x.add_(self._mlp(_normed(layer.before_mlp, x), layer))
        x = _normed(core.norm, x)
        return [x[span].view(len(g.ids), -1, x.shape[1]) for g, span in zip(groups, asked, strict=True)], kept

    def _qkv(
        self, h: "torch.Tensor", weight: "torch.Tensor", cos: "torch.Tensor", sin: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor, torch.Tensor]":
        """Rotated queries (t, heads, size), rotated keys and values (t, kv, size), float32."""
        import torch

        both = self._heads + self._kv
        made = torch.nn.functional.linear(h.to(weight.dtype), weight).float().view(len(h), both + self._kv, -1)
        a, b = made[:, :both].view(len(h), both, 2, -1).unbind(2)
        turned = made.new_empty((len(h), both, self._size))
        first, second = turned.view(len(h), both, 2, -1).unbind(2)
        torch.mul(a, cos, out=first).addcmul_(b, sin, value=-1)
        torch.mul(b, cos, out=second).addcmul_(a, sin)
        return turned[:, : self._heads], turned[:, self._heads :], made[:, both:]

    def _known(
        self, group: Rows, number: int, k: "torch.Tensor", v: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        """Keys and values (n, kv, all tokens, size) of what stands before and of the rows themselves."""
        import torch

        n, t = group.ids.shape
        own = [m.reshape(n, t, self._kv, self._size).transpose(1, 2) for m in (k, v)]
        if not group.past:
            return own[0], own[1]
        before = [m.expand(n, -1, -1, -1) for m in group.past[number]]
        return torch.cat([before[0], own[0]], 2), torch.cat([before[1], own[1]], 2)

    def _attend(
        self, q: "torch.Tensor", known: "tuple[torch.Tensor, torch.Tensor]", mask: "torch.Tensor | None",
        out: "torch.Tensor",
    ) -> None:  # fmt: skip
        """Write what each token attends to into `out` (n t, heads size)."""
        import torch

        n, kv, _, size = known[0].shape
        # Heads that share keys stand below each other as more queries, so that no key is copied.
        q = q.reshape(n, -1, kv, self._heads // kv, size).permute(0, 2, 3, 1, 4)
        seen = torch.nn.functional.scaled_dot_product_attention(q.flatten(2, 3), *known, attn_mask=mask)
        out.view(n, -1, kv, self._heads // kv, size).copy_(seen.view(q.shape).permute(0, 3, 1, 2, 4))

    def _mlp(self, h: "torch.Tensor", layer: _Layer) -> "torch.Tensor":
        import torch

        made = torch.nn.functional.linear(h.to(layer.gate_up.dtype), layer.gate_up).float()
        gate, up = made.chunk(2, 1)
        gated = torch.nn.functional.silu(gate, inplace=True).mul_(up)
        return torch.nn.functional.linear(gated.to(layer.down.dtype), layer.down)

    def _mask(self, group: Rows) -> "torch.Tensor":
        """0 where a token sees another, else -inf, float (queries of heads that share keys, all tokens)."""
        import torch

        t, before = group.ids.shape[1], group.n_past
        hidden = torch.ones((t, before + t), dtype=torch.bool, device=group.ids.device).triu(before + 1)
        mask = torch.zeros(hidden.shape, device=hidden.device).masked_fill_(hidden, float("-inf"))
        return mask.repeat(self._heads // self._kv, 1)


def _spans(lengths: list[int]) -> list[slice]:
    """Where each of several runs that follow each other lies."""
    return [slice(stop - length, stop) for length, stop in zip(lengths, accumulate(lengths), strict=True)]


def _ends(group: Rows, start: int) -> "torch.Tensor":
    """Where the last tokens of a group's rows lie, which begins at `start`."""
    import torch

    n, t = group.ids.shape
    return start + t - 1 + t * torch.arange(n, device=group.ids.device)


def _beside(*linear: Any) -> "torch.Tensor":
    """The weights of layers in one matrix, of which each layer then keeps its part: nothing is held twice."""
    import torch

    together = torch.cat([m.weight for m in linear])
    for m, span in zip(linear, _spans([len(m.weight) for m in linear]), strict=True):
        m.weight.data = together[span]
    return together


def _normed(norm: Any, x: "torch.Tensor") -> "torch.Tensor":
    import torch

    return torch.nn.functional.rms_norm(x, (x.shape[-1],), norm.weight, norm.variance_epsilon)
