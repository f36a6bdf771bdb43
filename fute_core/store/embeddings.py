"""Vectors in a store under the digest of all that changes them, and the names that mean them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from fute_core.errors import BadInput
from fute_core.store.headers import Header, embedding_value, header_of, known_as, read_embedding, read_header, under
from fute_core.store.keys import beside_keys
from fute_core.store.listed import Listed
from fute_core.tasks import Kind
from fute_core.vectors import TaskEmbedding

AT_ONCE = 500
"""Vectors read with one question."""


class Embeddings(Listed):
    """Vectors in the section "embeddings", and each of their names in "names".

    Parameters
    ----------
    path : path-like, optional
        Folder of the store, made with the first value. By default `cache` in `fute_home()`.
    """

    def put_embedding(self, embedding: TaskEmbedding) -> None:
        """Store a vector under its key, and its name beside it: one vector may carry several names.

        Parameters
        ----------
        embedding : TaskEmbedding
            Its `key` is where the vector will lie.
        """
        self.put(embedding.key, *embedding_value(embedding), "embeddings")
        self.put_name(embedding)

    def put_name(self, named: TaskEmbedding | Header) -> None:
        """Give a stored vector (another) name. Within a space a name of a kind means the vector it was given last.

        Parameters
        ----------
        named : TaskEmbedding or Header
            The stored vector's key, with the name to give.
        """
        header = header_of(named)
        self.put(header.entry, {}, asdict(header), "names")
        # Another process may have deleted the vector, which had no name, since it was written or found here.
        if isinstance(named, TaskEmbedding) and self.get(named.key, "embeddings") is None:
            self.put(named.key, *embedding_value(named), "embeddings")

    def is_named(self, named: TaskEmbedding) -> bool:
        """Tell whether a name, with its family, means this vector now.

        Parameters
        ----------
        named : TaskEmbedding
            Vector, name and family.

        Returns
        -------
        bool
            False where nothing or another vector has the name, or the family or names of labels differ.
        """
        header = header_of(named)
        holder = self._holder(header)
        return holder is not None and known_as(holder) == known_as(header)

    def get_embedding(self, key: str) -> TaskEmbedding | None:
        """Read a vector.

        Parameters
        ----------
        key : str
            Key of the embedding.

        Returns
        -------
        TaskEmbedding or None
            As it was first named; None where it is missing or damaged.
        """
        return read_embedding(self.get(key, "embeddings"))

    def has_embedding(self, key: str) -> bool:
        """Tell whether a sound vector lies under a key.

        Parameters
        ----------
        key : str
            Key of the embedding.

        Returns
        -------
        bool
            False also for a damaged one.
        """
        return self.get_embedding(key) is not None

    def embeddings(self, kind: Kind | None = None) -> list[TaskEmbedding]:
        """Read all named vectors.

        Parameters
        ----------
        kind : {"dataset", "model", "prompt"}, optional
            Only those of this kind.

        Returns
        -------
        list of TaskEmbedding
            The oldest first; damaged ones are left out, and `verify` tells of them.
        """
        return self.embeddings_of(self.headers(kind))

    def embeddings_of(self, headers: Sequence[Header]) -> list[TaskEmbedding]:
        """Read the vectors that some names mean.

        Parameters
        ----------
        headers : sequence of Header
            From `headers`.

        Returns
        -------
        list of TaskEmbedding
            In the same order; damaged ones are left out.
        """
        keys = list({h.key for h in headers})
        stored: dict[str, TaskEmbedding | None] = {}
        for start in range(0, len(keys), AT_ONCE):  # what else a value holds is gone before the next are read
            some = keys[start : start + AT_ONCE]
            stored |= dict(zip(some, map(read_embedding, self.get_many(some, "embeddings")), strict=True))
        return [under(h, embedding) for h in headers if (embedding := stored[h.key]) is not None]

    def runs(self, name: str, kind: Kind) -> list[TaskEmbedding]:
        """Read every vector made under a name, also those whose name a newer vector of their space has taken.

        Parameters
        ----------
        name : str
            The whole name.
        kind : {"dataset", "model", "prompt"}
            Of this kind.

        Returns
        -------
        list of TaskEmbedding
            The oldest first.
        """
        own = self.find(name, kind)
        found = [read_embedding(value) for value in self.get_many([h.key for h in own], "embeddings")]
        runs = [replace(e, name=name, family=h.family) for h, e in zip(own, found, strict=True) if e is not None]
        runs += [e for e in self.nameless() if (e.name, e.kind) == (name, kind)]
        return sorted(runs, key=lambda e: e.provenance.created)

    def rename(self, named: TaskEmbedding | Header, name: str) -> None:
        """Replace a name by another.

        Parameters
        ----------
        named : TaskEmbedding or Header
            What has the old name.
        name : str
            The new one.

        Raises
        ------
        BadInput
            Where another vector of the space has the new name.
        """
        old = header_of(named)
        new = replace(old, name=name)
        taken = self._holder(new)
        if taken is not None and taken.key != old.key:
            raise BadInput(f"Another {old.kind} of the same space is called {name!r}; choose another name.")
        if name != old.name:
            self.put_name(new)
            self.remove("names", old.entry)

    def delete(self, named: TaskEmbedding | Header) -> None:
        """Forget a name, and the vector with its last name.

        Parameters
        ----------
        named : TaskEmbedding or Header
            The name to forget.
        """
        self.delete_all([named])

    def delete_all(self, named: Iterable[TaskEmbedding | Header]) -> None:
        """Forget names, and each vector with its last one.

        Parameters
        ----------
        named : iterable of TaskEmbedding or Header
            The names to forget.
        """
        headers = [header_of(one) for one in named]
        for header in headers:
            self.remove("names", header.entry)
        for key in {h.key for h in headers}:
            self.remove_unnamed(key)

    def nameless(self) -> list[TaskEmbedding]:
        """Read the vectors that no name means now.

        Returns
        -------
        list of TaskEmbedding
            Under the name they were made with; those of evaluations have none.
        """
        named = {h.key for h in self.named().values()}
        keys = [key for key in self.keys("embeddings") if key not in named]
        found = map(read_embedding, self.get_many(keys, "embeddings"))
        return [e for e in found if e is not None]

    def without_vector(self) -> list[Header]:
        """List names whose vectors are not there: those of a lost index, or deleted as damaged.

        Returns
        -------
        list of Header
            The oldest first.
        """
        there = set(self.keys("embeddings"))
        missing = [header for header in self.named().values() if header.key not in there]
        # A vector comes before its name and goes after it, so what another process changed since shows itself now.
        there = set(self.keys("embeddings")) if missing else there
        return [h for h in missing if h.key not in there and self._holder(h) == h]

    def forget(self, headers: Iterable[Header]) -> None:
        """Delete names whose vectors are missing, but not where a vector has come back meanwhile.

        Parameters
        ----------
        headers : iterable of Header
            From `without_vector`.
        """
        for header in headers:
            self.remove("names", header.entry)
            if self.has_embedding(header.key):
                self.put_name(header)

    def remove_unnamed(self, key: str) -> bool:
        """Delete a vector that no name means, as `remove_embedding` does.

        A name that another process gives it meanwhile keeps it.

        Parameters
        ----------
        key : str
            Key of the embedding.

        Returns
        -------
        bool
            Whether it was deleted.
        """
        if self._is_meant(key):
            return False
        kept = {beside: self.get(beside) for beside in beside_keys(key)}
        vector = self.get(key, "embeddings")
        gone = self.remove_embedding(key)
        if vector is None or not self._is_meant(key):
            return gone
        self.put_many({beside: value for beside, value in kept.items() if value is not None})
        self.put(key, *vector, "embeddings")
        return False

    def _is_meant(self, key: str) -> bool:
        return any(header.key == key for header in self.named().values())

    def remove_embedding(self, key: str) -> bool:
        """Delete a vector and what was kept beside it.

        Parameters
        ----------
        key : str
            Key of the embedding.

        Returns
        -------
        bool
            Whether there was a vector.
        """
        for beside in beside_keys(key):
            self.remove("arrays", beside)
        return self.remove("embeddings", key)

    def _holder(self, header: Header) -> Header | None:
        """What has the name of `header` in its space."""
        return read_header(self.get(header.entry, "names"))
