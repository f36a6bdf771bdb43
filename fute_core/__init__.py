"""Task Atlas: unified task embeddings of datasets, models and prompts, usable without the dashboard.

    import fute_core as fute

    mine = fute.Dataset(texts, labels)
    atlas = fute.open_atlas()
    atlas.nearest(fute.embed(mine))

Each name is imported when it is first asked for, and torch later still, when a vector has to be computed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas, open_atlas
    from fute_core.datasets.catalog import load_dataset
    from fute_core.datasets.memory import Dataset
    from fute_core.embedding.embed import embed
    from fute_core.embedding.estimator import TaskEmbedder
    from fute_core.embedding.fulfil import embed_request
    from fute_core.embedding.pipelines import embed_dataset, embed_model
    from fute_core.embedding.recipe import Recipe
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.maps.export import export_space
    from fute_core.space.space import TaskSpace
    from fute_core.store.store import open_store
    from fute_core.tasks import PromptTemplate, TaskDataset
    from fute_core.templates.worked_examples import with_examples
    from fute_core.templates.written import Prompt
    from fute_core.vectors import TaskEmbedding

    __version__: str

__all__ = [
    "Atlas",
    "Dataset",
    "EmbedRequest",
    "Prompt",
    "PromptTemplate",
    "Recipe",
    "TaskDataset",
    "TaskEmbedder",
    "TaskEmbedding",
    "TaskSpace",
    "__version__",
    "embed",
    "embed_dataset",
    "embed_model",
    "embed_request",
    "export_space",
    "load_dataset",
    "open_atlas",
    "open_store",
    "with_examples",
]

_ROOMS = {
    "atlas.atlas": ("Atlas", "open_atlas"),
    "datasets.catalog": ("load_dataset",),
    "datasets.memory": ("Dataset",),
    "embedding.embed": ("embed",),
    "embedding.estimator": ("TaskEmbedder",),
    "embedding.pipelines": ("embed_dataset", "embed_model"),
    "embedding.recipe": ("Recipe",),
    "embedding.fulfil": ("embed_request",),
    "embedding.requests": ("EmbedRequest",),
    "maps.export": ("export_space",),
    "space.space": ("TaskSpace",),
    "store.store": ("open_store",),
    "tasks": ("PromptTemplate", "TaskDataset"),
    "templates.worked_examples": ("with_examples",),
    "templates.written": ("Prompt",),
    "vectors": ("TaskEmbedding",),
}


def __getattr__(name: str) -> object:
    found: object
    if name == "__version__":
        from importlib.metadata import version

        found = version("task-atlas")
    elif room := next((room for room, names in _ROOMS.items() if name in names), None):
        found = getattr(import_module(f"{__name__}.{room}"), name)
    else:
        import difflib

        near = difflib.get_close_matches(name, __all__, 1)
        raise AttributeError(f"fute_core has no {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
