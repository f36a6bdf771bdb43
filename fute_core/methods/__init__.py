"""Ways to make a vector: one file a method, one line here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from fute_core.registry import Registry
from fute_core.tasks import Block, Text

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate


@dataclass(frozen=True)
class Observations:
    """What a method learns from: texts with what is said about them.

    texts : n texts or pairs.
    targets : float32 (n, k) rows that sum to 1, or (n, 1) scores when `regression`.
    probes : the space's shared probe texts, for methods with `needs_probes`.
    probe_index : for an MTE, int (n,): texts[i] is probes[probe_index[i]]. None for a DTE.
    on_step : called now and then with the share of the work that is done, from 0 to 1; what it raises ends the work.
    """

    texts: Sequence[Text]
    targets: np.ndarray
    regression: bool = False
    probes: Sequence[Text] = ()
    probe_index: np.ndarray | None = None
    seed: int = 0
    on_step: Callable[[float], None] = field(default=lambda share: None, compare=False)


@dataclass(frozen=True)
class Fitted:
    """A method's result: float32 (d,) vector, its blocks, and remarks for the provenance (losses, counts)."""

    vector: np.ndarray
    blocks: tuple[Block, ...]
    details: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Method(Protocol):
    """How texts and targets become a vector.

    A method that also knows what a dataset answers on the probe texts offers `answers(surrogate, observations)`, float
    (m, k) logits or (m, 1) scores; they are kept beside the vector, for intervals, landing and the choice of prompts.
    Deterministic given `Observations.seed`; the vector's length depends on surrogate and method only, never on k.
    """

    name: str
    needs_probes: bool
    seeded: bool
    """Whether `Observations.seed` changes the vector."""

    def params(self) -> dict[str, Any]:
        """All options that change the vector, as JSON values: part of the store key."""
        ...

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted: ...


METHODS = Registry(
    "fute.methods",
    {
        "fused": "fute_core.methods.fused:Fused",
        "functional": "fute_core.methods.functional:Functional",
        "fisher": "fute_core.methods.fisher:Fisher",
        "prefix": "fute_core.methods.prefix:Prefix",
        "lora": "fute_core.methods.lora:Lora",
        "text": "fute_core.methods.text:TextEmb",
    },
)
