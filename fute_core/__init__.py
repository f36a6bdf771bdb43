"""Task Atlas: unified task embeddings of datasets, models and prompts, usable without the dashboard.

The names below are the library's front door; each is imported when it is first asked for, and torch later still, when a
vector has to be computed.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "EmbedRequest": "requests",
    "PromptTemplate": "tasks",
    "Recipe": "embedding",
    "TaskDataset": "tasks",
    "TaskEmbedding": "tasks",
    "TaskSpace": "space",
    "embed_dataset": "embedding",
    "embed_model": "embedding",
    "embed_request": "requests",
    "load_dataset": "catalog",
    "open_store": "store",
}
__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return __all__
