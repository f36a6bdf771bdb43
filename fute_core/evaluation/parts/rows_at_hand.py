"""Rows of shipped datasets, which are at hand: what intervals over them need is made when it is first asked for."""

from typing import TYPE_CHECKING

from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.recipe import Recipe, dataset_key
from fute_core.embedding.row_draws import keep_row_draws
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store


def keep_shipped_row_draws(embedding: TaskEmbedding, store: "Store") -> None:
    """Fit a shipped dataset's heads without each group of its rows, in some seconds the first time.

    Parameters
    ----------
    embedding : TaskEmbedding
        Anything; nothing is done for what is no shipped dataset as it ships.
    store : Store
        Where it is kept, see `embedding.row_draws.keep_row_draws`.
    """
    if embedding.kind != "dataset" or embedding.name not in shipped_datasets():
        return
    rows = dataset_parts(embedding.name).dte
    if dataset_key(rows, Recipe()) == embedding.key:
        keep_row_draws(rows, Recipe(), embedding.key, store)
