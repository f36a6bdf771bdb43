"""The names of a store in the memory of a process: read once, then brought up to date by what changed.

The values in the section "names" are what counts. Which of them changed is noted by their database, see `changes`, so a
list costs one question where nothing did. A new process begins with the file of `names_file`, where there is one.
"""

import bisect
import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from fute_core.digest import digest
from fute_core.errors import Unavailable
from fute_core.store.changes import StoreChange
from fute_core.store.headers import Header, read_header
from fute_core.store.index import Index
from fute_core.store.names_file import Names, read_names, write_names

WORTH_A_FILE = 2000
"""Names read one by one, from which a file is written: reading so many takes a tenth of a second."""
SHARE_OF_FILE = 0.05
"""The same as a share of all names: the file of many takes a second to write."""
A_FEW = 500
"""Names put in their places one by one; with more, all are sorted again."""


class NamesList:
    """All names that the section "names" holds.

    Parameters
    ----------
    folder : Path
        Folder of the section.
    index : Index
        Of the section, for reading.
    track : callable
        Has the section note its changes from now on; raises Unavailable where it may not be written.
    """

    def __init__(self, folder: Path, index: Index, track: Callable[[], object]):
        self._folder, self._index, self._track = folder, index, track
        self._lock = threading.Lock()
        self._names = Names(StoreChange("", 0, ""), {})
        self._one_by_one = 0

    def by_entry(self) -> Mapping[str, Header]:
        """List all names with where they lie.

        Returns
        -------
        mapping of str to Header
            By their keys in the section; the oldest first. It is shared, so never to be changed.
        """
        with self._lock:
            newest = self._index.newest()
            if newest is None:
                return self._untracked()
            if newest != self._names.change:
                with _uncollected():
                    self._names = self._brought_up_to_date(newest)
            return self._names.headers

    def stamp(self) -> str:
        """Name the state of the list, in a fraction of a millisecond.

        Returns
        -------
        str
            Another one whenever a name was given, changed or deleted, in this process or another.
        """
        newest = self._index.newest()
        if newest is not None:
            return f"{newest.line} {newest.number}"
        return digest([(h.kind, h.name, h.family, h.key) for h in self.by_entry().values()])

    def _untracked(self) -> dict[str, Header]:
        """The names of a store that an older version wrote, or that does not exist yet."""
        found = {entry: header for entry, value in self._index.values() if (header := read_header(value)) is not None}
        if len(found) >= WORTH_A_FILE:
            with suppress(Unavailable):  # on a disk that may not be written they are read anew each time
                self._track()
        return _by_age(found)

    def _brought_up_to_date(self, newest: StoreChange) -> Names:
        known = self._names if self._holds(self._names, newest) else read_names(self._folder)
        if known is None or not self._holds(known, newest):
            # What changes while all values are read is read once more below.
            found = {e: header for e, value in self._index.values() if (header := read_header(value)) is not None}
            known, self._one_by_one = Names(newest, _by_age(found)), len(found)
        elif known is not self._names:
            self._one_by_one = 0
        reached, values = self._index.changed(known.change)
        changed = {entry: read_header(value) for entry, value in values}
        names = Names(reached, _with(known.headers, changed))
        self._one_by_one += len(changed)
        if self._one_by_one >= max(WORTH_A_FILE, SHARE_OF_FILE * len(names.headers)):
            self._one_by_one = 0
            with suppress(OSError):
                write_names(names, self._folder)
        return names

    def _holds(self, names: Names, newest: StoreChange) -> bool:
        """Whether names are of the past of a section, and not of another one in its place, such as a restored copy."""
        own = names.change
        return own.line == newest.line and own.number <= newest.number and self._index.reaches(own)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Half the time to read many names goes into looking for cycles among them, of which there are none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _with(headers: Mapping[str, Header], changed: Mapping[str, Header | None]) -> dict[str, Header]:
    """Names, the oldest first, with what changed; None for what is no name any more."""
    found = dict(headers)
    for entry in changed:
        found.pop(entry, None)
    order, new = list(found), {entry: header for entry, header in changed.items() if header is not None}
    found |= new
    if len(new) > A_FEW:
        return _by_age(found)
    for entry in new:
        bisect.insort(order, entry, key=lambda e: header_age(found[e]))
    return {entry: found[entry] for entry in order}


def _by_age(headers: Mapping[str, Header]) -> dict[str, Header]:
    return dict(sorted(headers.items(), key=lambda each: header_age(each[1])))


def header_age(header: Header) -> tuple[str, str, str]:
    """By what names are put in order: when they were given, then the name, then the kind.

    Parameters
    ----------
    header : Header
        Any.

    Returns
    -------
    tuple of (str, str, str)
        Smaller for an older one.
    """
    return header.provenance.created, header.name, header.kind
