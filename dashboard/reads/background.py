"""Small computations that would hold a page up for a second: made in a thread, once, and shared by all sessions.

What takes longer is a job in another process, see `dashboard.reads.work`.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import streamlit as st


def soon(name: str, *of: Any, make: Callable[[], Any], patience: float = 0.2) -> Any:
    """The result of `make` if it is there within `patience` seconds, else None; made once for a name and `of`.

    of : strings and numbers on which the result depends.

    Raises what `make` raised, and forgets it: the next who asks has it made again.
    """
    future = _begun(name, of, make)
    if not wait([future], patience).done:
        return None
    if future.exception() is not None:
        _begun.clear(name, of, make)
    return future.result()


@st.cache_resource(show_spinner=False, max_entries=64)
def _begun(name: str, of: tuple, _make: Callable[[], Any]) -> "Future[Any]":
    return _workers().submit(_make)


@st.cache_resource(show_spinner=False)
def _workers() -> ThreadPoolExecutor:
    from threadpoolctl import threadpool_limits

    # Matrix products here are hardly faster on two cores, and a job that runs meanwhile is much slower for it.
    threadpool_limits(1, "blas")
    # Two, so that a place that is shown in a moment does not wait for tokens that are counted for seconds.
    return ThreadPoolExecutor(2, thread_name_prefix="background")
