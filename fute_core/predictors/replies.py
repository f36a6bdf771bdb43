"""What replies of OpenAI-compatible servers hold: two shapes at both addresses, and only what is plausible.

A number that cannot be a log-probability, or text that is not what was asked, ends the run in a sentence: a vector made
of it would look like any other.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fute_core.errors import BadInput
from fute_core.predictors.refusals import reason

IMPOSSIBLE = -9999.0
"""How servers write the logarithm of 0, which JSON has no number for."""
MOST = 1e308
"""Beyond it a whole number of JSON has no counterpart among the numbers of the machine."""
ROUNDING = 0.02
"""By how much probabilities may sum to more than 1, and a log-probability exceed 0: replies are rounded."""
LONGEST_TOKEN = 40
"""Characters that a token has at most, where one is looked for that a reply leaves out."""
PIECES = 3
"""Characters by which a token's text may be shorter than what it stands for, where it is a piece of one."""
Tops = list[tuple[bytes, float]]
"""Tokens as they are written, with their log-probabilities."""
_BYTES = re.compile(r"bytes:((?:\\x[0-9a-fA-F]{2})+)")
_VERSION = re.compile(r"[-@:.]?(v?\d[\d.-]*|latest|preview)")


def only_choice(body: Any, model: str, before: str | None, where: str) -> tuple[Mapping[str, Any], str | None]:
    """Take the one choice of a reply, from the model that was asked.

    Parameters
    ----------
    body : JSON value or None
        Of the reply.
    model : str
        The name that was asked for.
    before : str or None
        The name under which the server answered until now.
    where : str
        What the sentence calls the server.

    Returns
    -------
    tuple of (mapping, str or None)
        The choice, and the name under which the server answers.

    Raises
    ------
    BadInput
        For what is no such reply, for several choices, and for another model's name.
    """
    choices = body.get("choices") if isinstance(body, Mapping) else None
    if not choices and isinstance(body, Mapping) and body.get("error"):
        raise BadInput(f"{where} answers with an error: {reason(body) or 'it does not say which'}.")
    if not isinstance(choices, list) or not choices or not all(isinstance(c, Mapping) for c in choices):
        raise BadInput(f"{where} does not answer like an OpenAI API; does its base URL end in /v1?")
    if len(choices) > 1 or choices[0].get("index", 0) not in (0, None):
        raise BadInput(f"{where} gives other choices than the one that was asked for, so none of them can be trusted.")
    named = body.get("model")
    if not isinstance(named, str) or not named:
        return choices[0], before
    if before not in (None, named):
        raise BadInput(f"{where} answered as {before[:60]!r} and now as {named[:60]!r}; name one of them with --model.")
    if not _same_model(model, named):
        raise BadInput(f"{where} answers as {named[:200]!r} where {model!r} was asked; name that with --model.")
    return choices[0], named


def _same_model(asked: str, named: str) -> bool:
    """Whether a name is the one that was asked for, with or without owner, folder, ending and version."""
    short, other = (
        name.casefold().replace("\\", "/").rpartition("/")[2].removesuffix(".gguf") for name in (asked, named)
    )
    if short == other:
        return True
    longer, shorter = (short, other) if len(short) > len(other) else (other, short)
    return longer.startswith(shorter) and _VERSION.fullmatch(longer[len(shorter) :]) is not None


def first_tops(choice: Mapping[str, Any], where: str) -> Tops:
    """Read the likeliest first tokens of an answer, in whichever shape they come.

    Parameters
    ----------
    choice : mapping
        Of a chat completion or a completion.
    where : str
        What a sentence calls the server.

    Returns
    -------
    list of (bytes, float)
        Likeliest first; empty where the server gives none. Where it gives the answer's own token alone, that one.

    Raises
    ------
    BadInput
        For what can be no log-probabilities.
    """
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, Mapping):
        return []
    content = logprobs.get("content")
    if isinstance(content, list) and content and isinstance(content[0], Mapping):
        tops = _listed(content[0], "top_logprobs") or [content[0]]
        pairs = [(_written(t), t.get("logprob")) for t in tops if isinstance(t, Mapping)]
    else:
        first = next(iter(_listed(logprobs, "top_logprobs")), None)
        own = list(zip(_listed(logprobs, "tokens"), _listed(logprobs, "token_logprobs"), strict=False))[:1]
        given = first.items() if isinstance(first, Mapping) and first else own
        pairs = [(_spelt(str(token)), value) for token, value in given]
    found = [(token, log_p) for token, value in pairs if (log_p := log_probability(value, where)) is not None]
    if found and sum(math.exp(p) for _, p in found) > 1 + ROUNDING:
        raise BadInput(f"{where} gives first tokens with more than all of the probability; they cannot be used.")
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def log_probability(value: Any, where: str) -> float | None:
    """Check that a value can be a log-probability.

    Parameters
    ----------
    value : JSON value
        What a server gives as one.
    where : str
        What a sentence calls the server.

    Returns
    -------
    float or None
        0 or less; None for null and for `IMPOSSIBLE`, which say that there is none.

    Raises
    ------
    BadInput
        For text, NaN, infinite and positive numbers.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadInput(f"{where} gives {str(value)[:30]!r} as a log-probability, which is no number.")
    if not -MOST < value <= ROUNDING:
        raise BadInput(
            f"{where} gives {str(value)[:30]} as a log-probability, which has to be finite and no more than 0."
        )
    return None if value <= IMPOSSIBLE else min(float(value), 0.0)


def echoed(choice: Mapping[str, Any], prompt: str, answer: str, where: str) -> tuple[float, int] | str:
    """Sum the log-probabilities of an answer's tokens, where a server repeats the text with the numbers of its tokens.

    Offsets are counted anew from the tokens, since some servers count a start token that the text does not show. What
    comes after the text was generated and is left out.

    Parameters
    ----------
    choice : mapping
        Of a completion that was asked to echo.
    prompt, answer : str
        What was sent, one after the other.
    where : str
        What a sentence calls the server.

    Returns
    -------
    tuple of (float, int), or str
        Log-probability of the answer after the prompt, and its tokens; or why there is none. Numbers that belong to
        other tokens are told by what the server wrote after the text: they look like any others.

    Raises
    ------
    BadInput
        For what can be no log-probabilities.
    """
    whole = prompt + answer
    logprobs = choice.get("logprobs")
    repeated = str(choice.get("text") or "").startswith(whole)
    tokens, values = (_listed(logprobs, name) for name in ("tokens", "token_logprobs"))
    if not tokens or len(tokens) != len(values):
        return "gives no log-probabilities of the text it is given" if repeated else "ignores echo"
    read = [str(token).replace("Ġ", " ").replace("▁", " ") for token in tokens]
    starts = _starts(read, _listed(logprobs, "text_offset"), whole, repeated)
    if starts is None:
        return "gives tokens that are not those of the text it is given"
    if repeated and starts[-1] < len(whole) and _one_too_far(logprobs, str(choice["text"])[len(whole) :]):
        return "scores each token of a text as if it came one place later, as llama-cpp-python does for some models"
    # A token that begins before the answer and reaches into it belongs to it: some join the blank to the prompt.
    spans = list(zip(starts, [*starts[1:], max(len(whole), starts[-1] + 1)], values, strict=True))
    found = [log_probability(v, where) for start, stop, v in spans if stop > len(prompt) and start < len(whole)]
    if not found or None in found:
        return "gives no log-probabilities of the text it is given"
    return float(sum(p for p in found if p is not None)), len(found)


def _one_too_far(logprobs: Any, written: str) -> bool:
    """Whether the last given token stands with what is likely after it: then the likeliest is what was written next.

    written : what the server wrote after the text, which a sound one lists with a number of its own.
    """
    last = (_listed(logprobs, "top_logprobs") or [None])[-1]
    if not written or not isinstance(last, Mapping):
        return False
    known = {str(t): p for t, p in last.items() if isinstance(p, (int, float)) and not isinstance(p, bool)}
    return bool(known) and _spelt(max(known, key=known.__getitem__)) == written.encode("utf-8", "replace")


def _starts(tokens: Sequence[str], offsets: Sequence[Any], whole: str, repeated: bool) -> list[int] | None:
    """Where each token begins in the text; None where the tokens are not the text's.

    repeated : the reply holds the text itself, so that offsets which the server counted may stand where tokens are
        pieces of characters, which do not join.
    """
    joined = "".join(tokens)
    place = -joined.find(whole) if whole in joined else None
    if place is None:  # the first token may be left out: nothing precedes it
        place = next((n for n in range(1, LONGEST_TOKEN) if joined.startswith(whole[n:] or "\0")), None)
    if place is not None:
        return [place + sum(map(len, tokens[:i])) for i in range(len(tokens))]
    counted = [o for o in offsets if type(o) is int]
    whole_count = len(counted) == len(tokens) and counted == sorted(counted)
    reaches = whole_count and -LONGEST_TOKEN < len(whole) - counted[-1] <= len(tokens[-1]) + PIECES
    return counted if repeated and reaches else None


def _listed(of: Any, name: str) -> list[Any]:
    found = of.get(name) if isinstance(of, Mapping) else None
    return found if isinstance(found, list) else []


def _written(token: Mapping[str, Any]) -> bytes:
    """A token of chat's shape: its bytes where they are given, since part of a character has no text."""
    given = token.get("bytes")
    if isinstance(given, list) and given and all(type(b) is int and 0 <= b < 256 for b in given):
        return bytes(given)
    return _spelt(str(token.get("token") or ""))


def _spelt(token: str) -> bytes:
    """A token as bytes, without the marks that stand for a blank or for part of a character."""
    if found := _BYTES.fullmatch(token):
        return bytes.fromhex(found[1].replace("\\x", ""))
    return token.replace("Ġ", " ").replace("▁", " ").encode("utf-8", "replace")
