"""TextEmb (Vu et al. 2020): what the texts look like, blind to what is said about them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.errors import BadInput
from fute_core.methods import Fitted, Observations
from fute_core.vectors import Block

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate


@dataclass(frozen=True)
class TextEmb:
    """Mean over texts of the mean over tokens of the last hidden states.

    A baseline: two labelings of the same texts have the same vector, and so have all models that answered the same
    probe texts.
    """

    name = "text"
    needs_probes = False
    seeded = False

    def params(self) -> dict[str, Any]:
        """List the options that change the vector.

        Returns
        -------
        dict
            JSON values, part of the store key.
        """
        return {}

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted:
        """Average the features of the texts.

        Parameters
        ----------
        surrogate : Surrogate
            The encoder that reads the texts.
        observations : Observations
            Texts with their targets, and the probe texts.

        Returns
        -------
        Fitted
            float32 (hidden,), one block.

        Raises
        ------
        BadInput
            When there is no text.
        """
        if not len(observations.texts):
            raise BadInput("The text method has no texts to average; give at least one.")
        vector = surrogate.features(observations.texts).mean(0, dtype=np.float64).astype(np.float32)
        return Fitted(vector, (Block("features", 0, len(vector), part=self.name),))
