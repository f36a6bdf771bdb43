"""Ways to make a vector: one file a method, one line here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fute_core.gram import joined_vector
from fute_core.registry import Registry
from fute_core.tasks import Text
from fute_core.vectors import Block

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate


@dataclass(frozen=True)
class Observations:
    """What a method learns from: texts with what is said about them.

    Parameters
    ----------
    texts : sequence of str or of (str, str)
        n texts or pairs.
    targets : ndarray of float32, shape (n, k)
        Rows that sum to 1, or (n, 1) scores.
    regression : bool, default False
        Targets are scores.
    probes : sequence of str or of (str, str)
        The space's shared probe texts, for methods with `needs_probes`.
    probe_index : ndarray of int, shape (n,), optional
        For an MTE: texts[i] is probes[probe_index[i]]. None for a DTE.
    seed : int, default 0
        For methods that draw random numbers.
    on_step : callable
        Called now and then with the share of the work that is done, from 0 to 1; what it raises ends the work.
    """

    texts: Sequence[Text]
    targets: NDArray[np.floating]
    regression: bool = False
    probes: Sequence[Text] = ()
    probe_index: NDArray[np.intp] | None = None
    seed: int = 0
    on_step: Callable[[float], None] = field(default=lambda share: None, compare=False)


@dataclass(frozen=True)
class Fitted:
    """A method's result.

    Parameters
    ----------
    values : ndarray of float32, shape (v,)
        The task embedding, but for a Gram matrix of answers.
    blocks : tuple of Block
        Slices of the whole vector; with a factor the first is the unfolded Gram matrix.
    details : mapping
        Remarks for the provenance, such as losses and counts.
    answers : ndarray of float64, shape (m, k), optional
        From a method that `gives_answers`: what the task answers on the m probe texts, as centred logits, or scores.
    factor : ndarray of float32, shape (r, k), optional
        F of the Gram matrix F F^T of answers at unit norm, see `gram.gram_factor`.
    """

    values: NDArray[np.float32]
    blocks: tuple[Block, ...]
    details: Mapping[str, Any] = field(default_factory=dict)
    answers: NDArray[np.float64] | None = None
    factor: NDArray[np.float32] | None = None

    @property
    def vector(self) -> NDArray[np.float32]:
        """The whole as one vector, float32 (d,)."""
        return joined_vector(self.factor, self.values)


@runtime_checkable
class Method(Protocol):
    """How texts and targets become a vector.

    A method whose `Fitted` carries answers says so by the class attribute ``gives_answers = True``; they are kept
    beside the vector, for intervals, landing and the choice of prompts. Deterministic given `Observations.seed`; the
    vector's length depends on surrogate and method only, never on k.
    """

    name: str
    needs_probes: bool
    seeded: bool
    """Whether `Observations.seed` changes the vector."""

    def params(self) -> dict[str, Any]:
        """List all options that change the vector.

        Returns
        -------
        dict
            JSON values, part of the store key.
        """
        ...

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted:
        """Make the vector.

        Parameters
        ----------
        surrogate : Surrogate
            The encoder that reads the texts.
        observations : Observations
            Texts with their targets, and the probe texts.

        Returns
        -------
        Fitted
            Vector and blocks.
        """
        ...


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
