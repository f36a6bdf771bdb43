"""Asking an OpenAI-compatible server, with patience, and a sentence for each way it can fail."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urljoin, urlunsplit

from fute_core.errors import BadInput, FuteError, Unavailable
from fute_core.predictors.keys import address, how_to_give, is_own, key_for

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionMessageParam

RETRIES = 5
TIMEOUT_SECONDS = 60.0
AT_ONCE = 4
NO_KEY = "none"
MEANT = ("host", "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type",
         "user-agent")  # fmt: skip
"""What a server of somebody else is told; the library would add headers from variables that are meant for OpenAI."""
T = TypeVar("T")
R = TypeVar("R")


class Refused(Exception):
    """The server understood a request and will not do it (400, 422). Its text is the server's reason."""


class Server:
    """One model at one base URL.

    Redirects are not followed: what was meant for one server goes to no other. Too many requests, timeouts and faults
    of the server are tried again with growing pauses.

    Parameters
    ----------
    base_url : str
        Such as "http://localhost:8000/v1"; refused with a password inside, since jobs keep it on disk.
    model : str
        Its name at the server.
    timeout : float, default 60.0
        Seconds that a request may take.
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
        check_no_login(base_url)
        parts = address(base_url)
        if parts is None:
            raise BadInput(f"{base_url!r} is no base URL; give one such as http://localhost:8000/v1.")
        if not model.strip():
            raise BadInput("The server needs a model's name; give one with --model.")
        self.model = model
        self.shown_url = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        self._base_url = base_url
        self._timeout = timeout
        self._retries = retries
        self._at_once = at_once
        self._api_key_env = api_key_env

    @cached_property
    def _client(self) -> "openai.OpenAI":
        from openai import DefaultHttpxClient, OpenAI

        key = key_for(self._base_url, self._api_key_env) or NO_KEY

        def leave_out(request: Any) -> None:
            for name in [n for n in request.headers if n.lower() not in MEANT]:
                del request.headers[name]
            request.headers["Authorization"] = f"Bearer {key}"

        hooks = {} if is_own(self._base_url) else {"request": [leave_out]}
        http = DefaultHttpxClient(follow_redirects=False, event_hooks=hooks)
        return OpenAI(
            base_url=self._base_url, api_key=key, timeout=self._timeout, max_retries=self._retries, http_client=http
        )

    def chat(self, messages: list[dict[str, str]], **options: Any) -> Any:
        """Ask for a chat completion.

        Parameters
        ----------
        messages : list of dict
            Each with "role" and "content".
        **options : object
            Further fields of the request.

        Returns
        -------
        openai.types.chat.chat_completion.Choice
            The first choice.

        Raises
        ------
        Refused
            Where the server will not do it.
        BadInput
            For an answer that is none, a wrong address and an unknown model.
        Unavailable
            Where the server fails or does not accept the key.
        """
        create = self._client.chat.completions.create
        asked = cast("list[ChatCompletionMessageParam]", messages)
        return self._first(lambda: create(model=self.model, messages=asked, temperature=0, **options))

    def completion(self, prompt: str, **options: Any) -> Any:
        """Ask for a completion. It raises what `chat` raises.

        Parameters
        ----------
        prompt : str
            The text to continue or to score.
        **options : object
            Further fields of the request.

        Returns
        -------
        openai.types.CompletionChoice
            The first choice.
        """
        create = self._client.completions.create
        return self._first(lambda: create(model=self.model, prompt=prompt, temperature=0, **options))

    def each(self, ask: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Ask about every item, a few at once. The first failure ends what has not begun.

        Parameters
        ----------
        ask : callable
            Called with one item.
        items : sequence
            What to ask about.

        Returns
        -------
        list
            What `ask` gave, in order.
        """
        with ThreadPoolExecutor(self._at_once) as pool:
            futures = [pool.submit(ask, item) for item in items]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _first(self, call: Callable[[], Any]) -> Any:
        import openai

        try:
            answer = call()
        except openai.APIResponseValidationError:
            answer = None
        except openai.OpenAIError as error:
            raise self._failure(error) from None
        except ValueError:  # what is no JSON at all
            answer = None
        if not getattr(answer, "choices", None):
            raise BadInput(f"{self.shown_url} does not answer like an OpenAI API; does its base URL end in /v1?")
        return answer.choices[0]

    def _failure(self, error: Exception) -> FuteError | Refused:
        """The server's failure as one sentence; the key is in none of them."""
        import openai

        where = self.shown_url
        if isinstance(error, openai.APITimeoutError):
            return Unavailable(
                f"{where} did not answer within {self._timeout:g} s, {self._tries}; finished answers are kept, so try "
                "again later."
            )
        if isinstance(error, openai.APIConnectionError):
            return Unavailable(f"{where} cannot be reached; check the URL, and whether the server runs.")
        if isinstance(error, openai.AuthenticationError):
            wants = "asks for a key" if self._client.api_key == NO_KEY else "does not accept the key"
            return Unavailable(f"{where} {wants}; {how_to_give(self._api_key_env, self._base_url)}.")
        if isinstance(error, openai.PermissionDeniedError):
            return Unavailable(f"{where} does not let this key use {self.model!r}; use another model or key.")
        if isinstance(error, openai.NotFoundError):
            return self._not_found()
        if isinstance(error, openai.RateLimitError):
            return Unavailable(
                f"{where} takes no more requests now, {self._tries}; finished answers are kept, try later."
            )
        if isinstance(error, (openai.BadRequestError, openai.UnprocessableEntityError)):
            return Refused(self._reason(error))
        status = getattr(error, "status_code", None)
        if status in range(300, 400):
            return BadInput(
                f"{where} sends on to {self._elsewhere(error)}, which is not followed; give that as base URL."
            )
        said = f"status {status}" if status else self._reason(error)
        return Unavailable(f"{where} failed with {said}, {self._tries}.")

    def _reason(self, error: Exception) -> str:
        """The server's own words, cut to one short line."""
        body = getattr(error, "body", None)
        text = body.get("message") if isinstance(body, dict) else None
        return self._without_key(" ".join(str(text or getattr(error, "message", error)).split()))[:160].rstrip(".")

    def _elsewhere(self, error: Any) -> str:
        """Scheme and host of a redirect."""
        parts = address(urljoin(self._base_url, error.response.headers.get("location", "")))
        return self._without_key(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}") if parts else "nowhere"

    def _without_key(self, text: str) -> str:
        """What a server says goes into files, and it may say the key."""
        return text if self._client.api_key == NO_KEY else text.replace(self._client.api_key, "(the key)")

    @property
    def _tries(self) -> str:
        return f"asked {self._retries + 1} times"

    def _not_found(self) -> BadInput:
        """Wrong URL or wrong model: a server that lists its models tells which."""
        import openai

        try:
            names = sorted(m.id for m in self._client.models.list().data or ())
        except (openai.OpenAIError, ValueError, AttributeError, TypeError):
            names = []
        if not names:
            return BadInput(
                f"{self.shown_url} has no such address or no model {self.model!r}; does the base URL end in /v1?"
            )
        if self.model in names:
            return BadInput(
                f"{self.shown_url} does not offer this kind of request for {self.model!r}; try the other --api."
            )
        known = self._without_key(", ".join(names[:8]))
        return BadInput(f"{self.shown_url} has no model {self.model!r}; it has {known}.")


def check_no_login(base_url: str) -> None:
    """Check that a URL has no name or password inside. The sentence does not repeat it.

    Parameters
    ----------
    base_url : str
        What is kept on disk.

    Raises
    ------
    BadInput
        Where it has one.
    """
    if "@" in base_url:
        raise BadInput(
            "A base URL is kept on disk, so it holds no name or password; name a variable with --api-key-env, or type "
            "the key in the Prompt lab."
        )
