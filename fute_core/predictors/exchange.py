"""One request to a server: bounded in time and in size, sent to no other host, and without the key in what comes back.

The library's own time limits count from byte to byte, so a server that drips would hold a request for ever; and they
bound no size, so a few kilobytes may unpack to gigabytes.
"""

import asyncio
import base64
import html
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 32 * 2**20
"""Of a reply, unpacked: the likeliest tokens of a whole vocabulary take a third of it."""
HIDDEN = "(the key)"
SHORTEST_KEY = 8
"""Characters of what can be a secret; shorter ones, such as "EMPTY", are made up and may be words of an answer."""
_UNPACKED = ("", "identity")
_PACKED = ("gzip", "deflate", "x-gzip")


class TooLarge(Exception):
    """A reply is longer than `MOST_BYTES`, or packed in a way that nobody asked for."""


@dataclass(frozen=True)
class ServerReply:
    """What a server answers.

    Parameters
    ----------
    status : int
        Of HTTP.
    headers : mapping of str to str
        Names in lower case.
    body : JSON value or None
        None for what is no JSON.
    """

    status: int
    headers: Mapping[str, str]
    body: Any


async def exchange(
    client: "httpx.AsyncClient", method: str, url: str, sent: Any, seconds: float, key: str | None
) -> ServerReply:
    """Send one request and read its reply.

    Parameters
    ----------
    client : httpx.AsyncClient
        Follows no redirects.
    method, url : str
        Such as "POST".
    sent : JSON value or None
        The body; None for none.
    seconds : float
        Time for all of it, from the look-up of the address to the last byte.
    key : str or None
        Hidden wherever it stands in the reply.

    Returns
    -------
    ServerReply
        Of any status.

    Raises
    ------
    TimeoutError
        Where it takes longer.
    TooLarge
        For a reply that is not read to its end.
    httpx.TransportError
        Where the server is not reached, or ends too early.
    """
    async with asyncio.timeout(seconds), client.stream(method, url, json=sent) as response:
        unpack = _unpacker(response.headers.get("content-encoding", "").strip().lower())
        raw = bytearray()
        async for part in response.aiter_raw():
            raw += unpack(part, MOST_BYTES + 1 - len(raw))
            if len(raw) > MOST_BYTES:
                raise TooLarge(f"sends more than {MOST_BYTES // 2**20} MiB in one reply")
        headers = {name.lower(): hidden(value, key) for name, value in response.headers.items()}
        return ServerReply(response.status_code, headers, hidden(_json(bytes(raw)), key))


def hidden(value: Any, key: str | None) -> Any:
    """Take the key out of whatever a server says, as it is or as addresses and headers write it.

    Parameters
    ----------
    value : JSON value
        What it says.
    key : str or None
        The key that it was sent; None where it was sent none.

    Returns
    -------
    JSON value
        With "(the key)" in its place.
    """
    if key is None or len(key) < SHORTEST_KEY:
        return value
    if isinstance(value, str):
        for form in _forms(key):
            value = value.replace(form, HIDDEN)
        return value
    if isinstance(value, list):
        return [hidden(item, key) for item in value]
    if isinstance(value, dict):
        return {hidden(name, key): hidden(item, key) for name, item in value.items()}
    return value


@lru_cache(maxsize=8)
def _forms(key: str) -> tuple[str, ...]:
    """The key, and what servers make of one in an address or in a header that they repeat; the longest first."""
    basic = (base64.b64encode(part.encode()).decode() for part in (key, f":{key}", f"Bearer {key}"))
    forms = {key, quote(key), quote(key, safe=""), quote_plus(key), html.escape(key), *(b.rstrip("=") for b in basic)}
    return tuple(sorted(forms, key=len, reverse=True))


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):  # no JSON, no text, or lists in lists without end
        return None


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Unpacks at most so many bytes of a part. Replies are asked for plain; some servers pack them all the same."""
    if encoding in _UNPACKED:
        return lambda part, room: part
    if encoding not in _PACKED:
        raise TooLarge(f"packs its replies as {encoding[:20]!r}, which was not asked for")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(part: bytes, room: int) -> bytes:
        try:
            return unpacking.decompress(part, room)
        except zlib.error:
            raise TooLarge("sends a packed reply that cannot be unpacked") from None

    return unpack
