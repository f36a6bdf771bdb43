"""A store in which vectors keep no names: what evaluations and choices compute on the way."""

from dataclasses import replace

from fute_core.store.store import Header, Store
from fute_core.tasks import TaskEmbedding


class UnnamedStore(Store):
    """The user's store, in which an evaluation keeps its vectors without names.

    So they come back by content the next time, and nothing that the user embedded changes its meaning. They carry no
    name inside either: they never had one that a newer vector took.
    """

    def put_embedding(self, embedding: TaskEmbedding) -> None:
        super().put_embedding(replace(embedding, name=""))

    def put_name(self, named: TaskEmbedding | Header) -> None:
        pass
