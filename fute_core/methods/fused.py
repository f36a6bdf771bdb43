"""Functional and Fisher vectors together: the one knows models, the other datasets."""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from fute_core.methods import Fitted, Observations
from fute_core.methods.fisher import Fisher
from fute_core.methods.functional import Functional

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate


@dataclass(frozen=True)
class Fused:
    """Both vectors one after the other; between datasets the calibrated cosine is (functional + w Fisher) / (1 + w).

    Parameters
    ----------
    fisher_weight : float, default 0.5
        w, the weight of the Fisher part against 1 for the functional part.
    fisher_of_models : bool, default False
        Whether models get a Fisher part too. Without it (zeros) they are compared by their answers alone, which needs
        no backward pass; see docs/unified-space.md.
    functional_C : float, default 0.003
        C of `Functional`.
    fisher_C : float, default 0.0025
        C of `Fisher`.
    rank : int, default 384
        See `Functional`.
    spelling : float, default 0.5
        See `Functional`.
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
    gives_answers = True

    def params(self) -> dict[str, Any]:
        """List the options that change the vector.

        Returns
        -------
        dict
            JSON values, part of the store key.
        """
        return asdict(self)

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted:
        """Make both vectors.

        Parameters
        ----------
        surrogate : Surrogate
            The encoder that reads the texts.
        observations : Observations
            Texts with their targets, and the probe texts.

        Returns
        -------
        Fitted
            The factor of the functional part, and the Fisher part as values, zeros for a model.
        """
        functional = Functional(self.functional_C, self.rank, self.spelling).fit(surrogate, observations)
        method = Fisher(self.fisher_C)
        if observations.probe_index is None or self.fisher_of_models:
            fisher = method.fit(surrogate, observations)
        else:
            fisher = method.silent(surrogate)
        shift = functional.blocks[0].stop
        blocks = functional.blocks + tuple(
            replace(b, start=b.start + shift, stop=b.stop + shift, weight=self.fisher_weight) for b in fisher.blocks
        )
        return Fitted(fisher.values, blocks, functional.details, functional.answers, functional.factor)
