"""Functional and Fisher vectors together: the one knows models, the other datasets."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.methods import Fitted, Observations
from fute_core.methods.fisher import Fisher
from fute_core.methods.functional import Functional

if TYPE_CHECKING:
    from fute_core.surrogate import Surrogate


@dataclass(frozen=True)
class Fused:
    """Both vectors one after the other; the calibrated cosine is (functional + w Fisher) / (1 + w).

    fisher_weight : w, the weight of the Fisher part against 1 for the functional part.
    functional_C, fisher_C, rank : see `Functional` and `Fisher`.
    """

    fisher_weight: float = 1.0
    functional_C: float = 0.1
    fisher_C: float = 0.0025
    rank: int = 256

    name = "fused"
    needs_probes = True
    seeded = False

    def params(self) -> dict[str, Any]:
        return asdict(self)

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted:
        """float32 (functional length + Fisher length,)."""
        functional = Functional(self.functional_C, self.rank).fit(surrogate, observations)
        fisher = Fisher(self.fisher_C).fit(surrogate, observations)
        shift = len(functional.vector)
        blocks = functional.blocks + tuple(
            replace(b, start=b.start + shift, stop=b.stop + shift, weight=self.fisher_weight) for b in fisher.blocks
        )
        return Fitted(np.concatenate([functional.vector, fisher.vector]), blocks, functional.details)
