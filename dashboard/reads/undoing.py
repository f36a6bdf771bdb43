"""Changes of the store that a page offers to take back: each returns what takes it back."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from dashboard.reads import data

if TYPE_CHECKING:
    from fute_core.vectors import TaskEmbedding


def deleted(embedding: "TaskEmbedding") -> Callable[[], None]:
    """Delete it from the store. What comes back is the vector, its name, and what was kept beside it.

    Raises Unavailable where the disk refuses, as does what is returned.
    """
    from fute_core.store.keys import beside_keys

    stored = data.store()
    beside = {key: stored.get(key) for key in beside_keys(embedding.key)}
    stored.delete(embedding)

    def back() -> None:
        # What lies beside first: a vector that is there is taken as whole.
        for key, value in beside.items():
            if value is not None:
                stored.put(key, *value)
        stored.put_embedding(embedding)

    return back


def renamed(embedding: "TaskEmbedding", name: str) -> Callable[[], None]:
    """Give it another name in the store. Raises BadInput for a name that is no name, and else as `deleted` does."""
    stored = data.store()
    stored.rename(embedding, name)
    return lambda: stored.rename(replace(embedding, name=name), embedding.name)
