"""A store that lasts as long as this process: for what a user does not want to keep."""

import os
from functools import lru_cache

from fute_core.errors import BadInput
from fute_core.scratch import ScratchFolder
from fute_core.store.store import Store, open_store


def session_store() -> Store:
    """Open the store of this process, which is removed when the process ends.

    Returns
    -------
    Store
        Always the same one within a process.
    """
    return _opened(os.getpid())[0]


@lru_cache(maxsize=2)
def _opened(process: int) -> tuple[Store, ScratchFolder]:
    folder = ScratchFolder()
    return Store(folder.name), folder


def chosen_store(store: Store | bool | None) -> Store:
    """Find the store that an argument means.

    Parameters
    ----------
    store : Store, False or None
        A store, None for the user's own, or False to keep nothing after this process.

    Returns
    -------
    Store
        The open store.

    Raises
    ------
    BadInput
        For anything else, such as a path.
    """
    if store is None:
        return open_store()
    if store is False:
        return session_store()
    if isinstance(store, Store):
        return store
    raise BadInput(
        f"store is {store!r}; give fute.open_store(path), None for your own store, or False to keep nothing."
    )
