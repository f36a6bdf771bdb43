"""How vectors of one space are made, and the store keys that follow from it without torch or the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fute_core.arguments import strings, whole_numbers
from fute_core.datasets.probes import ProbeSet, load_probes
from fute_core.digest import digest
from fute_core.embedding.shipped import encoder_identity
from fute_core.methods import METHODS, Method
from fute_core.methods.options import checked_options
from fute_core.models.encoder import MAX_LENGTH
from fute_core.models.surrogate import default_surrogate
from fute_core.predictors import Predictor
from fute_core.tasks import TaskDataset
from fute_core.vectors import Provenance

FORMAT = 1
FORMAT_OF_SCORES = 2
"""Of datasets with scores for targets: their Fisher part takes them standardised."""
DEFAULT_METHOD = "fused"


@dataclass(frozen=True)
class Recipe:
    """How vectors of one space are made: surrogate, method with its options, and the shared probe texts.

    Parameters
    ----------
    method : str, default "fused"
        A name in `methods.METHODS`.
    params : mapping
        Options of the method; those left out have its defaults.
    surrogate : str, default "bge-small"
        The encoder that reads texts: packaged name, folder or Hub id.
    n_probes : int, optional
        How many probe texts; None for the default of single texts or of pairs.
    seed : int, default 0
        For methods that draw random numbers; others give the same vector under any seed.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.Recipe("functional", {"spelling": 0}).build()
    Functional(C=0.003, rank=384, spelling=0.0)
    """

    method: str = DEFAULT_METHOD
    params: Mapping[str, Any] = field(default_factory=dict)
    surrogate: str = field(default_factory=default_surrogate)
    n_probes: int | None = None
    seed: int = 0

    def build(self) -> Method:
        """Make the method with its options.

        Returns
        -------
        Method
            Ready to fit.

        Raises
        ------
        BadInput
            For an unknown method or option, or a value that an option cannot have.
        """
        strings(method=self.method, surrogate=self.surrogate)
        whole_numbers(n_probes=self.n_probes, seed=self.seed)
        method = METHODS[self.method]
        built: Method = method(**checked_options(method, self.params))
        return built

    def probes(self, pair: bool) -> ProbeSet:
        """Load the probe texts of the space.

        Parameters
        ----------
        pair : bool
            Those of tasks over pairs of texts.

        Returns
        -------
        ProbeSet
            `n_probes` of them.
        """
        return load_probes(pair, self.n_probes)


def dataset_key(dataset: TaskDataset, recipe: Recipe) -> str:
    """Give the store key of a dataset's embedding.

    Parameters
    ----------
    dataset : TaskDataset
        Its content counts, and its name does not.
    recipe : Recipe
        Method, weights of the surrogate, probe texts, and the seed where the method draws random numbers.

    Returns
    -------
    str
        A digest.
    """
    method = recipe.build()
    probes = recipe.probes(dataset.pair) if method.needs_probes else None
    return _key(recipe, method, dataset.fingerprint(), probes, FORMAT_OF_SCORES if dataset.regression else FORMAT)


def model_key(predictor: Predictor, recipe: Recipe, *, pair: bool, calibrate: bool) -> str:
    """Give the store key of a model's embedding.

    Parameters
    ----------
    predictor : Predictor
        Its fingerprint stands for the model.
    recipe : Recipe
        As for `dataset_key`.
    pair : bool
        It reads pairs of texts.
    calibrate : bool
        Label priors are removed from its answers.

    Returns
    -------
    str
        A digest.
    """
    return known_model_key(predictor.fingerprint(), recipe, pair=pair, calibrate=calibrate)


def known_model_key(fingerprint: str, recipe: Recipe, *, pair: bool, calibrate: bool) -> str:
    """Give the store key of the embedding of a model that is not at hand.

    Parameters
    ----------
    fingerprint : str
        Its predictor's; provenance has it as `data`.
    recipe : Recipe
        As for `dataset_key`.
    pair : bool
        It reads pairs of texts.
    calibrate : bool
        Label priors are removed from its answers.

    Returns
    -------
    str
        A digest.
    """
    return _key(recipe, recipe.build(), (fingerprint, calibrate), recipe.probes(pair))


def recipe_space(recipe: Recipe, pair: bool) -> dict[str, Any]:
    """Tell which space a recipe's vectors lie in, before any is made.

    Parameters
    ----------
    recipe : Recipe
        How they are made.
    pair : bool
        Of tasks over pairs of texts.

    Returns
    -------
    dict
        What `TaskEmbedding.space` gives for them.
    """
    name, weights = encoder_identity(recipe.surrogate)
    method = recipe.build()
    probes = recipe.probes(pair).identity if method.needs_probes else ""
    made = Provenance(name, weights, method.name, method.params(), "", 0, pair, recipe.seed, probes=probes)
    return made.space()


def _key(recipe: Recipe, method: Method, data: object, probes: ProbeSet | None, form: int = FORMAT) -> str:
    _, weights = encoder_identity(recipe.surrogate)
    return digest(
        {
            "format": form,
            "surrogate": (weights, MAX_LENGTH),
            "method": (method.name, method.params()),
            "data": data,
            "probes": probes.identity if probes else None,
            "seed": recipe.seed if method.seeded else None,
        }
    )
