"""Asking an OpenAI-compatible server, with patience, and a sentence for each way it can fail."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlunsplit

from fute_core.errors import BadInput, FuteError, Unavailable
from fute_core.predictors.exchange import ServerReply, TooLarge, exchange
from fute_core.predictors.keys import address, check_no_secret, how_to_give, key_for, origin, version_for, with_version
from fute_core.predictors.refusals import asks_otherwise, reason, wait_of
from fute_core.predictors.replies import only_choice
from fute_core.predictors.together import asked_together

if TYPE_CHECKING:
    import httpx

RETRIES = 5
TIMEOUT_SECONDS = 60.0
PATIENCE = 5
"""A request ends after so many times `timeout`, whatever tries and pauses it takes."""
AT_ONCE = 4
NO_KEY = "none"
PAUSES = (0.5, 8.0)
"""Seconds before the second try, doubled before each further one, up to the second number."""
BUSY = (408, 409, 425, 429)
T = TypeVar("T")
R = TypeVar("R")


class Refused(Exception):
    """The server understood a request and will not do it (400, 422). Its text is the server's reason."""


@dataclass(frozen=True)
class _Fault:
    """Why a try came to nothing and another may not, as the middle of a sentence; `wait` is what the server asks."""

    words: str
    wait: float | None = None


class Server:
    """One model at one base URL.

    Redirects are not followed: what was meant for one server goes to no other. Too many requests, timeouts and faults
    of the server are tried again with growing pauses, or after the pause that the server asks for.

    Parameters
    ----------
    base_url : str
        Such as "http://localhost:8000/v1"; refused with a password inside, or with a query of anything but an
        `api-version`, since jobs keep it on disk. One of OPENAI_BASE_URL holds for its server as well.
    model : str
        Its name at the server.
    timeout : float, default 60.0
        Seconds that a try may take in all, however slowly bytes come; a request with its tries and pauses, five times
        that.
    retries : int, default 5
        How often to try again.
    at_once : int, default 4
        Requests at a time.
    api_key_env : str, optional
        The environment variable with the key for this server, read at the time of asking. Without one OPENAI_API_KEY is
        sent, but only to the address of OPENAI_BASE_URL: whoever names another must not get it. Where there is no key,
        "none" is sent.

    Raises
    ------
    BadInput
        For what is no base URL, and for a model without a name.
    """

    def __init__(
        self, base_url: str, model: str, *, timeout: float = TIMEOUT_SECONDS, retries: int = RETRIES,
        at_once: int = AT_ONCE, api_key_env: str | None = None,
    ):  # fmt: skip
        check_no_secret(base_url)
        parts = address(base_url)
        if parts is None:
            raise BadInput(f"{base_url!r} is no base URL; give one such as http://localhost:8000/v1.")
        if not model.strip():
            raise BadInput("The server needs a model's name; give one with --model.")
        self.model = model
        self.shown_url = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        self.answered_as: str | None = None
        self._base_url = base_url
        self._version = version_for(base_url)
        self._timeout = timeout
        self._retries = retries
        self._at_once = at_once
        self._api_key_env = api_key_env
        self._key: str | None = None
        self._client: httpx.AsyncClient | None = None
        self._quiet_until = 0.0
        self._changes: list[str] = []

    def each(self, ask: Callable[[T], Awaitable[R]], items: Sequence[T]) -> Iterator[tuple[int, R]]:
        """Ask about every item, the first alone and then a few at once; see `together.asked_together`.

        Parameters
        ----------
        ask : callable
            Called with one item, gives an awaitable; it may call `choice`.
        items : sequence of length n
            What to ask about.

        Returns
        -------
        iterator of (int, object)
            The position of an item, and what `ask` gave, as they come.
        """
        self._key = key_for(self._base_url, self._api_key_env)
        return asked_together(ask, items, self._at_once, self._open())

    async def choice(self, path: str, retries: int | None = None, **fields: Any) -> Mapping[str, Any]:
        """Send one request, and take the one choice of its reply.

        Parameters
        ----------
        path : str
            Such as "chat/completions".
        retries : int, optional
            How often to try again; by default as the server was made.
        **fields : object
            What the request holds beside the model's name.

        Returns
        -------
        mapping
            The first and only choice.

        Raises
        ------
        Refused
            Where the server will not do it.
        BadInput
            For an answer that is none, a wrong address and an unknown model.
        Unavailable
            Where the server fails or does not accept the key.
        """
        body: dict[str, Any] = {"model": self.model, **fields}
        changes = list(self._changes)
        for said in changes:
            body = asks_otherwise(body, said) or body
        while True:
            try:
                reply = await self._patiently("POST", path, body, self._retries if retries is None else retries)
            except Refused as refused:
                changed = asks_otherwise(body, str(refused))
                if changed is None:
                    raise
                body = changed
                changes.append(str(refused))
            else:
                self._changes = changes
                choice, self.answered_as = only_choice(reply.body, self.model, self.answered_as, self.shown_url)
                return choice

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        import httpx

        headers = {"Authorization": f"Bearer {self._key or NO_KEY}", "Accept-Encoding": "identity"}
        if self._version and self._key:  # servers of Azure read it there
            headers["api-key"] = self._key
        async with httpx.AsyncClient(headers=headers, follow_redirects=False, timeout=self._timeout) as client:
            self._client = client
            yield

    async def _patiently(self, method: str, path: str, sent: Any, retries: int) -> ServerReply:
        ends = time.monotonic() + PATIENCE * self._timeout
        tries = 0
        while True:
            while (pause := self._quiet_until - time.monotonic()) > 0:  # another request was told to wait
                await asyncio.sleep(pause)
                ends += pause
            tries += 1
            found = await self._try(method, path, sent, max(min(self._timeout, ends - time.monotonic()), 0.1))
            if isinstance(found, ServerReply):
                return found
            first, most = PAUSES
            wait = min(first * 2 ** (tries - 1), most) * random.uniform(0.75, 1.0) if found.wait is None else found.wait
            if time.monotonic() + wait > ends and found.wait is not None and wait > most:
                raise Unavailable(
                    f"{self.shown_url} asks to wait {wait:.0f} s before the next request; finished answers are kept, "
                    "so ask again then."
                )
            if tries > retries or time.monotonic() + wait > ends:
                raise Unavailable(f"{self.shown_url} {found.words.format(tries=_times(tries))}")
            if found.wait is not None:
                self._quiet_until = max(self._quiet_until, time.monotonic() + wait)
            await asyncio.sleep(wait)

    async def _try(self, method: str, path: str, sent: Any, seconds: float) -> ServerReply | _Fault:
        import httpx

        assert self._client is not None, "`each` has opened it"
        url = with_version(f"{self.shown_url}/{path}", self._version)
        try:
            reply = await exchange(self._client, method, url, sent, seconds, self._key)
        except (TimeoutError, httpx.TimeoutException):
            return _Fault(f"did not answer within {seconds:.3g} s, {{tries}}; finished answers are kept, so try later.")
        except httpx.HTTPError as error:
            if isinstance(error, httpx.ConnectError):
                return _Fault("cannot be reached, {tries}; check the URL, and whether the server runs.")
            return _Fault("broke off its answer, {tries}; finished answers are kept, so try later.")
        except TooLarge as error:
            raise BadInput(f"{self.shown_url} {error}; is it an OpenAI API?") from None
        if reply.status in range(200, 300):
            return reply
        if reply.status in BUSY:
            words = "takes no more requests now, {tries}; finished answers are kept, try later."
            return _Fault(words, wait_of(reply.headers))
        if reply.status >= 500:
            return _Fault(f"failed with status {reply.status}, {{tries}}.", wait_of(reply.headers))
        raise await self._failure(reply, asked_for_names=path == "models")

    async def _failure(self, reply: ServerReply, asked_for_names: bool) -> FuteError | Refused:
        """What is no use trying again, as one sentence; the key is in none of them."""
        where, status = self.shown_url, reply.status
        if status in range(300, 400):
            if (there := self._elsewhere(reply)) is None:
                return BadInput(f"{where} answers with status {status} and no address; is it an OpenAI API?")
            return BadInput(f"{where} sends on to {there}, which is not followed; give that as base URL.")
        if status == 401:
            wants = "does not accept the key" if self._key else "asks for a key"
            return Unavailable(f"{where} {wants}; {how_to_give(self._api_key_env, self._base_url)}.")
        if status == 403:
            return Unavailable(f"{where} does not let this key use {self.model!r}; use another model or key.")
        if status in (404, 405) and not asked_for_names:
            return await self._not_found()
        return Refused(reason(reply.body) or f"status {status}")

    def _elsewhere(self, reply: ServerReply) -> str | None:
        """Scheme and host of a redirect; of one within the server its path as well. None where it names no address."""
        try:
            target = urljoin(f"{self.shown_url}/", reply.headers["location"])
        except (KeyError, ValueError):  # such as "http://["
            return None
        if (parts := address(target)) is None:
            return None
        there = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return there + (parts.path[:100] if origin(target) == origin(self._base_url) else "")

    async def _not_found(self) -> BadInput:
        """Wrong URL or wrong model: a server that lists its models tells which."""
        try:
            listed = (await self._patiently("GET", "models", None, 0)).body
            names = sorted(str(m["id"]) for m in listed["data"])
        except (FuteError, Refused, KeyError, TypeError):
            names = []
        if not names:
            return BadInput(
                f"{self.shown_url} has no such address or no model {self.model!r}; does the base URL end in /v1?"
            )
        if self.model in names:
            return BadInput(
                f"{self.shown_url} does not offer this kind of request for {self.model!r}; try the other --api."
            )
        return BadInput(f"{self.shown_url} has no model {self.model!r}; it has {', '.join(n[:60] for n in names[:8])}.")


def _times(tries: int) -> str:
    return "asked once" if tries == 1 else f"asked {tries} times"
