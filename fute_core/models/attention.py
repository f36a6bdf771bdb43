"""Attention of token sequences that stand in one column, each to itself and to what it continues."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from inspect import signature
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fute_core.models.device import has_flash_attention
from fute_core.models.place import sent
from fute_core.models.sequences import Sequences

if TYPE_CHECKING:
    import torch

MOST_HEAD = 256
"""Numbers of a head, at most, that the kernel for sequences of any lengths takes; a multiple of eight."""


@dataclass(frozen=True)
class Attention(ABC):
    """Lets every token of a column attend to what stands before it in its own sequence.

    Parameters
    ----------
    sequences : Sequences
        Which tokens stand where.
    weight : Tensor
        What the result is multiplied by next: where it is, and in what precision.
    last : bool, default False
        Whether only the last token of each sequence asks.
    """

    sequences: Sequences
    weight: "torch.Tensor"
    last: bool = False

    def of_last(self) -> Self:
        """Give the same for the last token of each sequence alone.

        Returns
        -------
        Attention
            Another.
        """
        return replace(self, last=True)

    @abstractmethod
    def attend(self, q: "torch.Tensor", k: "torch.Tensor", v: "torch.Tensor") -> "torch.Tensor":
        """Attend, in one layer.

        Parameters
        ----------
        q : Tensor, shape (t, heads, size)
            Of the tokens of the sequences, or with `last` of the last of each.
        k, v : Tensor, shape (all tokens, heads that share, size)
            As `Sequences.known` gives them.

        Returns
        -------
        Tensor, shape (t, heads, size)
            What each query saw.
        """


def attends_ragged(weight: "torch.Tensor", size: int) -> bool:
    """Whether there is a kernel for sequences of any lengths where a model computes, and in its precision.

    Parameters
    ----------
    weight : Tensor
        What queries, keys and values are multiplied by.
    size : int
        Numbers of a head.

    Returns
    -------
    bool
        False on a processor, in float32 and on cards that are too old for it.
    """
    import torch

    half = weight.dtype in (torch.bfloat16, torch.float16)
    return half and size <= MOST_HEAD and size % 8 == 0 and has_flash_attention(str(weight.device))


def attention_of(sequences: Sequences, weight: "torch.Tensor", ragged: bool) -> Attention:
    """Choose how sequences attend.

    Parameters
    ----------
    sequences, weight : Sequences, Tensor
        See `Attention`.
    ragged : bool
        Whether by the kernel for any lengths, see `attends_ragged`; else those of equal length together, in float32.

    Returns
    -------
    Attention
        For all tokens of the sequences.
    """
    return (_Ragged if ragged else _Grouped)(sequences, weight)


@dataclass(frozen=True)
class _Ragged(Attention):
    """One kernel for all sequences, whatever their lengths."""

    def attend(self, q: "torch.Tensor", k: "torch.Tensor", v: "torch.Tensor") -> "torch.Tensor":
        if self.sequences.past is not None:
            k, v = k[self._places], v[self._places]
        seen: torch.Tensor = self._kernel(q, k, v, *self._stops, *self._longest)
        return seen

    @cached_property
    def _kernel(self) -> Callable[..., Any]:
        from torch.nn.attention.varlen import varlen_attn

        # Some versions of torch want it said that several heads of queries share keys, others take it as it is.
        sharing = {"enable_gqa": True} if "enable_gqa" in signature(varlen_attn).parameters else {}
        # Queries are the last tokens of their sequence: the causal mask of this kernel is aligned to the end.
        return partial(varlen_attn, window_size=(-1, 0), **sharing)  # type: ignore[arg-type]

    @cached_property
    def _places(self) -> "torch.Tensor":
        return sent(self.sequences.places, self.weight.device, ahead=True)

    @cached_property
    def _longest(self) -> tuple[int, int]:
        whole = self.sequences.before + self.sequences.lengths
        return 1 if self.last else int(self.sequences.lengths.max()), int(whole.max())

    @cached_property
    def _stops(self) -> "tuple[torch.Tensor, torch.Tensor]":
        """Where queries and keys of each sequence begin, and where the last ends, int32 (n + 1,) each."""
        asking = np.ones_like(self.sequences.lengths) if self.last else self.sequences.lengths
        whole = self.sequences.before + self.sequences.lengths
        both = (np.concatenate([[0], np.cumsum(n)]).astype(np.int32) for n in (asking, whole))
        first, second = (sent(stops, self.weight.device, ahead=True) for stops in both)
        return first, second


@dataclass(frozen=True)
class _Group:
    """Sequences beside each other that have as many tokens, and continue as many."""

    n: int
    t: int
    before: int
    first: int
    places: "torch.Tensor | None"


@dataclass(frozen=True)
class _Grouped(Attention):
    """Sequences of equal length together, in float32; everywhere."""

    def attend(self, q: "torch.Tensor", k: "torch.Tensor", v: "torch.Tensor") -> "torch.Tensor":
        import torch

        found = torch.empty(q.shape, dtype=self.weight.dtype, device=q.device)
        kv, size = k.shape[1:]
        asked = 0
        for group in self._groups:
            n, t, whole = group.n, 1 if self.last else group.t, group.before + group.t
            rows = slice(asked, asked + n * t)
            asked = rows.stop
            own = slice(group.first, group.first + n * whole) if group.places is None else group.places
            keys, values = (m[own].reshape(n, whole, kv, size).transpose(1, 2) for m in (k, v))
            # Heads that share keys stand below each other as more queries, so that no key is copied.
            asking = q[rows].reshape(n, t, kv, -1, size).permute(0, 2, 3, 1, 4)
            mask = None if self.last else self._mask(t, group.before, asking.shape[2])
            seen = torch.nn.functional.scaled_dot_product_attention(asking.flatten(2, 3), keys, values, attn_mask=mask)
            found[rows].view(n, t, kv, -1, size).copy_(seen.view(asking.shape).permute(0, 3, 1, 2, 4))
        return found

    @cached_property
    def _groups(self) -> list[_Group]:

        lengths, before = self.sequences.lengths, self.sequences.before
        starts = np.flatnonzero(np.concatenate([[True], (np.diff(lengths) != 0) | (np.diff(before) != 0)]))
        whole = np.concatenate([[0], np.cumsum(lengths + before)])
        places = None if self.sequences.past is None else sent(self.sequences.places, self.weight.device, ahead=False)
        found = []
        for start, stop in zip(starts, [*starts[1:], len(lengths)], strict=True):
            own = None if places is None else places[whole[start] : whole[stop]]
            found.append(_Group(stop - start, int(lengths[start]), int(before[start]), int(whole[start]), own))
        return found

    def _mask(self, t: int, before: int, shared: int) -> "torch.Tensor":
        """0 where a token sees another, else -inf, float (queries of heads that share keys, all tokens)."""
        import torch

        if (t, before) not in self._masks:
            hidden = torch.ones((t, before + t), dtype=torch.bool, device=self.weight.device).triu(before + 1)
            mask = torch.zeros(hidden.shape, device=hidden.device).masked_fill_(hidden, float("-inf"))
            self._masks[t, before] = mask.repeat(shared, 1)
        return self._masks[t, before]

    @cached_property
    def _masks(self) -> "dict[tuple[int, int], torch.Tensor]":
        return {}
