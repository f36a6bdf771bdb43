"""What intervals over a dataset's own rows need, made while the rows are at hand, and kept beside its vector."""

from typing import TYPE_CHECKING

from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.methods import Observations
from fute_core.methods.functional import Functional
from fute_core.methods.fused import Fused
from fute_core.methods.left_out_rows import dealt, factors_without
from fute_core.models.surrogate import load_surrogate
from fute_core.store.keys import rows_key
from fute_core.tasks import TaskDataset

if TYPE_CHECKING:
    from fute_core.store.store import Store


def keep_row_draws(dataset: TaskDataset, recipe: Recipe, key: str, store: "Store") -> None:
    """Fit a dataset's heads without each group of its rows, unless the store has that already.

    Parameters
    ----------
    dataset : TaskDataset
        The rows that its vector is made from; their features are taken from the store where they are there.
    recipe : Recipe
        How the vector is made.
    key : str
        Its store key.
    store : Store
        Where it is kept, see `store.keys.rows_key`.

    Raises
    ------
    BadInput
        For a method whose vectors are not made from answers.
    Unavailable
        Where the disk refuses; nothing is computed then, but on a disk that is full.
    """
    heads = heads_of(recipe)
    if store.get(rows_key(key)) is not None:
        return
    store.check_writable()  # reading the rows takes seconds
    surrogate = load_surrogate(recipe.surrogate, store)
    observations = Observations(
        dataset.texts, dataset.targets, dataset.regression, recipe.probes(dataset.pair).texts, None, recipe.seed
    )
    groups = dealt(dataset.targets, dataset.regression)
    store.put(rows_key(key), {"factors": factors_without(surrogate, observations, heads, groups)}, {})


def heads_of(recipe: Recipe) -> Functional:
    """Give the options of a recipe's heads.

    Parameters
    ----------
    recipe : Recipe
        How vectors are made.

    Returns
    -------
    Functional
        The method that fits them.

    Raises
    ------
    BadInput
        For a method whose vectors are not made from answers.
    """
    method = recipe.build()
    if isinstance(method, Fused):
        return Functional(method.functional_C, method.rank, method.spelling)
    if isinstance(method, Functional):
        return method
    raise BadInput(
        f"Vectors of the method {method.name} are not made from answers to probe texts, so a similarity has no "
        "interval over rows; use the method fused or functional."
    )
