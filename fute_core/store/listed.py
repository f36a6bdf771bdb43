"""Lists of the names in a store, without their vectors."""

from collections.abc import Mapping
from pathlib import Path

from fute_core.store.headers import Header
from fute_core.store.names import NamesList
from fute_core.store.sections import Sections
from fute_core.tasks import Kind


class Listed(Sections):
    """The names in the section "names", as they lie there now: also those that another process has just given.

    Parameters
    ----------
    path : path-like, optional
        Folder of the store, made with the first value. By default `cache` in `fute_home()`.
    """

    def __init__(self, path: Path | str | None = None):
        super().__init__(path)
        self._names = NamesList(self.path / "names", self._index("names"), self._track_names)

    def headers(self, kind: Kind | None = None) -> list[Header]:
        """List all names without their vectors: milliseconds where `embeddings` takes seconds.

        Parameters
        ----------
        kind : {"dataset", "model", "prompt"}, optional
            Only names of this kind.

        Returns
        -------
        list of Header
            The oldest first.
        """
        return self.search(kind=kind)

    def search(self, text: str = "", kind: Kind | None = None, family: str | None = None) -> list[Header]:
        """List the names that fit all that is given.

        Parameters
        ----------
        text : str
            Anywhere in the name, in small letters or large.
        kind : {"dataset", "model", "prompt"}, optional
            Only names of this kind.
        family : str, optional
            Only of this kind of task.

        Returns
        -------
        list of Header
            The oldest first.
        """
        wanted = text.casefold()
        return [
            h
            for h in self.named().values()
            if kind in (None, h.kind) and family in (None, h.family) and (not wanted or wanted in h.name.casefold())
        ]

    def named(self) -> Mapping[str, Header]:
        """List all names by their keys in the section "names".

        Returns
        -------
        mapping of str to Header
            The oldest first; shared, so never to be changed.
        """
        with self._told():
            return self._names.by_entry()

    def stamp(self) -> str:
        """Name the state of all names, in a fraction of a millisecond.

        Returns
        -------
        str
            Another one whenever something was embedded, renamed or deleted, in this process or another.
        """
        with self._told():
            return self._names.stamp()

    def find(self, name: str, kind: Kind | None = None) -> list[Header]:
        """List all that carry a name: one in each space and kind at most.

        Parameters
        ----------
        name : str
            The whole name.
        kind : {"dataset", "model", "prompt"}, optional
            Only of this kind.

        Returns
        -------
        list of Header
            The oldest first.
        """
        return [h for h in self.named().values() if h.name == name and kind in (None, h.kind)]

    def _track_names(self) -> None:
        with self._told():
            self._open("names")
