"""Asking about many things at a time from code that is not asynchronous, with each answer as it comes."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def asked_together(
    ask: Callable[[T], Awaitable[R]], items: Sequence[T], at_once: int, while_open: AbstractAsyncContextManager[object]
) -> Iterator[tuple[int, R]]:
    """Ask about every item, a few at once, in a thread with an event loop of its own.

    The first item is asked alone: what it finds out about the server holds for the rest. After a failure nothing more
    is begun, what runs is waited for and given, and then the failure is raised. Closing the iterator stops all.

    Parameters
    ----------
    ask : callable
        Called with one item; gives an awaitable.
    items : sequence of length n
        What to ask about.
    at_once : int
        How many at a time.
    while_open : asynchronous context manager
        Entered before the first item and left after the last one, in that event loop.

    Yields
    ------
    tuple of (int, object)
        The position of an item, and what `ask` gave, in the order in which they come.

    Raises
    ------
    Exception
        What `ask` raised, once all that ran beside it is given.
    """
    work = _Work(ask, items, at_once, while_open)
    thread = threading.Thread(target=work.run, name="asking", daemon=True)
    thread.start()
    try:
        while (found := work.found.get()) is not None:
            yield found
    finally:
        work.stop()
        thread.join()
    if work.failure is not None:
        raise work.failure


class _Work(Generic[T, R]):
    def __init__(
        self, ask: Callable[[T], Awaitable[R]], items: Sequence[T], at_once: int,
        while_open: AbstractAsyncContextManager[object],
    ):  # fmt: skip
        self.found: SimpleQueue[tuple[int, R] | None] = SimpleQueue()
        self.failure: BaseException | None = None
        self._ask = ask
        self._left = iter(enumerate(items))
        self._at_once = at_once
        self._while_open = while_open
        self._stopped = threading.Event()
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._all())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # raised again where the answers are read
            self.failure = self.failure or error
        self.found.put(None)

    def stop(self) -> None:
        self._stopped.set()
        if self._running is not None:
            loop, task = self._running
            try:
                loop.call_soon_threadsafe(task.cancel)
            except RuntimeError:  # it has ended
                return

    async def _all(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running = asyncio.get_running_loop(), task
        async with self._while_open:
            if not self._stopped.is_set() and (first := next(self._left, None)) is not None:
                await self._one(*first)
            await asyncio.gather(*(self._worker() for _ in range(self._at_once)))

    async def _worker(self) -> None:
        while self.failure is None and not self._stopped.is_set() and (item := next(self._left, None)) is not None:
            await self._one(*item)

    async def _one(self, position: int, item: T) -> None:
        try:
            self.found.put((position, await self._ask(item)))
        except Exception as error:  # raised where the answers are read
            self.failure = self.failure or error
