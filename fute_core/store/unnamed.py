"""A store in which vectors keep no names: what evaluations and choices compute on the way."""

from dataclasses import replace

from fute_core.store.headers import Header
from fute_core.store.store import Store
from fute_core.vectors import TaskEmbedding


class UnnamedStore(Store):
    """The user's store, in which an evaluation keeps its vectors without names.

    So they come back by content the next time, and nothing that the user embedded changes its meaning. They carry no
    name inside either: they never had one that a newer vector took.

    Parameters
    ----------
    path : path-like, optional
        Folder of the store, as for `Store`.
    """

    def put_embedding(self, embedding: TaskEmbedding) -> None:
        """Store a vector without its name.

        Parameters
        ----------
        embedding : TaskEmbedding
            Its `key` is where the vector will lie.
        """
        super().put_embedding(replace(embedding, name=""))

    def put_name(self, named: TaskEmbedding | Header) -> None:
        """Give no name: nothing is stored.

        Parameters
        ----------
        named : TaskEmbedding or Header
            Not looked at.
        """
