"""Functional and Fisher vectors together: the one knows models, the other datasets."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.methods import Fitted, Observations
from fute_core.methods.fisher import Fisher
from fute_core.methods.functional import Functional

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate


@dataclass(frozen=True)
class Fused:
    """Both vectors one after the other; between datasets the calibrated cosine is (functional + w Fisher) / (1 + w).

    fisher_weight : w, the weight of the Fisher part against 1 for the functional part.
    fisher_of_models : whether models get a Fisher part too. Without it (zeros) they are compared by their answers
        alone, which needs no backward pass; see docs/unified-space.md.
    functional_C, fisher_C, rank, spelling : see `Functional` and `Fisher`.
    """

    fisher_weight: float = 0.5
    fisher_of_models: bool = False
    functional_C: float = 0.003
    fisher_C: float = 0.0025
    rank: int = 384
    spelling: float = 0.5

    name = "fused"
    needs_probes = True
    seeded = False

    def params(self) -> dict[str, Any]:
        return asdict(self)

    def _functional(self) -> Functional:
        return Functional(self.functional_C, self.rank, self.spelling)

    def answers(self, surrogate: "Surrogate", observations: Observations) -> np.ndarray:
        """Centred answers (m, k) on the probe texts, see `Functional.answers`."""
        return self._functional().answers(surrogate, observations)

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted:
        """float32 (functional length + Fisher length,)."""
        functional = self._functional().fit(surrogate, observations)
        fisher = Fisher(self.fisher_C)
        if observations.probe_index is None or self.fisher_of_models:
            fisher = fisher.fit(surrogate, observations)
        else:
            fisher = fisher.silent(surrogate)
        shift = len(functional.vector)
        blocks = functional.blocks + tuple(
            replace(b, start=b.start + shift, stop=b.stop + shift, weight=self.fisher_weight) for b in fisher.blocks
        )
        return Fitted(np.concatenate([functional.vector, fisher.vector]), blocks, functional.details)
