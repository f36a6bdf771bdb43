"""The store as it is at one moment, and what is made from it: made once, shared by all sessions, and then given back.

Every job that ends makes a new moment. What was made from the one before is of no use any more but to a page that is
being drawn from it, so it is kept by that page alone, and is gone once the page stands.
"""

import inspect
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.store.store import Store


@dataclass(eq=False)
class Value:
    """Something that is made once. made : it, alone in a list, so that None is something as well."""

    lock: Lock = field(default_factory=Lock)
    made: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class Moment:
    """stamp : see `stamp`. values : what was made from it by the function that makes it and what it was given."""

    stamp: str
    lock: Lock = field(default_factory=Lock)
    values: dict[Hashable, "OrderedDict[Hashable, Value]"] = field(default_factory=dict)

    def value(self, maker: Hashable, given: Hashable, most: int) -> Value:
        """That of a maker for what it is given, made or not; of the maker's others the last used are kept."""
        with self.lock:
            known = self.values.setdefault(maker, OrderedDict())
            found = known.setdefault(given, Value())
            known.move_to_end(given)
            while len(known) > most:
                known.popitem(last=False)
        return found


_drawn: ContextVar[Moment | None] = ContextVar("drawn", default=None)


@st.cache_resource(show_spinner=False)
def store() -> "Store":
    from threadpoolctl import threadpool_limits

    from fute_core.store.store import open_store

    # The server makes many small products: a second BLAS thread makes them several times slower on shared cores.
    threadpool_limits(1, user_api="blas")
    return open_store()


@contextmanager
def one_moment() -> Iterator[None]:
    """Around the drawing of a whole page: all of it sees the store as it is now, and tells if that cannot be read."""
    moment = None
    with suppress(FuteError, OSError, sqlite3.Error):
        moment = newest(_stamp())
    before = _drawn.set(moment)
    try:
        yield
    finally:
        _drawn.reset(before)


def stamp() -> str:
    """Changes whenever something was embedded, renamed or deleted, in this process or another.

    While a whole page is drawn it is that of its beginning, since positions of one atlas mean nothing in another that
    a job has added to. A fragment that is drawn by itself, and a thread, see the store as it is.
    """
    moment = _drawn.get()
    return moment.stamp if moment else _stamp()


def kept(most: int, said: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Keeps the `most` last used values of a function that has a parameter `stamp`, as long as there is that moment.

    As with Streamlit's caches, parameters that begin with an underscore do not tell values apart. Nobody may change a
    value, since all have the same one. said : what a page shows while it waits.
    """

    def keeping(make: Callable[..., Any]) -> Callable[..., Any]:
        names = list(inspect.signature(make).parameters)
        at, telling = names.index("stamp"), [i for i, name in enumerate(names) if not name.startswith("_")]
        # A page's own functions are made anew at every run, and stay the same.
        maker = make.__code__.co_filename, make.__qualname__

        @wraps(make)
        def known(*given: Any) -> Any:
            value = _moment(given[at]).value(maker, tuple(given[i] for i in telling), most)
            with value.lock:
                if not value.made:
                    with st.spinner(said) if said and get_script_run_ctx(suppress_warning=True) else nullcontext():
                        value.made.append(make(*given))
            return value.made[0]

        return known

    return keeping


def _moment(at: str) -> Moment:
    drawn = _drawn.get()
    return drawn if drawn and drawn.stamp == at else newest(at)


@st.cache_resource(show_spinner=False, max_entries=1)
def newest(at: str) -> Moment:
    """The moment of a stamp; the one before it is forgotten."""
    return Moment(at)


def _stamp() -> str:
    return store().stamp()
