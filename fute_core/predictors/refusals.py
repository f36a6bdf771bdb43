"""What a server's refusals say, as words for a sentence: each implementation has a shape of its own."""

import email.utils
import time
from collections.abc import Mapping
from typing import Any

LONGEST = 160
"""Characters of a server's own words in a sentence."""


def reason(body: Any) -> str:
    """Take a server's own words out of the body of an error.

    Parameters
    ----------
    body : JSON value or None
        OpenAI's `{"error": {"message": ...}}`, FastAPI's `{"detail": [{"loc": ..., "msg": ...}]}`, or one text.

    Returns
    -------
    str
        One line without a full stop; empty where there are no words.
    """
    said = body
    for name in ("error", "message", "detail"):
        if isinstance(said, Mapping) and said.get(name):
            said = said[name]
    if isinstance(said, list):
        said = "; ".join(_of_field(fault) for fault in said[:3])
    elif isinstance(said, Mapping):
        said = _of_field(said)
    text = "".join(c if c.isprintable() else " " for c in str(said or ""))
    return " ".join(text.split())[:LONGEST].rstrip(". ")


def _of_field(fault: Any) -> str:
    if not isinstance(fault, Mapping):
        return str(fault)
    place = fault.get("loc")
    where = ".".join(str(part) for part in place if part != "body") if isinstance(place, list) else ""
    words = str(fault.get("msg") or fault.get("message") or "")
    return f"{where}: {words}" if where and words else words or where


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Read how long a server asks to wait.

    Parameters
    ----------
    headers : mapping of str to str
        Of its reply, names in lower case.

    Returns
    -------
    float or None
        Seconds, 0 or more; None where it does not say.
    """
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / scale
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        moment = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, moment.timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def asks_otherwise(sent: Mapping[str, Any], said: str) -> dict[str, Any] | None:
    """Change a request that a server refuses by the name of a field, where the answer stays of the same kind.

    Parameters
    ----------
    sent : mapping
        The request.
    said : str
        Why it was refused.

    Returns
    -------
    dict or None
        With `max_completion_tokens` in place of `max_tokens`, or without a temperature of 0; None where neither is it.
    """
    words = said.lower()
    if "max_tokens" in sent and ("max_completion_tokens" in words or "max_tokens" in words):
        rest = {name: value for name, value in sent.items() if name != "max_tokens"}
        return {**rest, "max_completion_tokens": sent["max_tokens"]}
    if "temperature" in words and sent.get("temperature") == 0:
        return {name: value for name, value in sent.items() if name != "temperature"}
    return None
