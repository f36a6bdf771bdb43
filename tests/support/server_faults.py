"""What servers do wrong, each as a function from a right reply to what is sent instead of it; all by a seed."""

import gzip
import json
import math
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from raw_server import bomb, head

SMALL_CAP = 2**20
"""Bytes of a reply that are read here, in place of the product's 32 MiB: the faults are as large as they need be."""
FIRST, SCORED, TEXT = ("chat", "next-token"), ("chat", "next-token", "completions"), ("text",)
ALL = (*SCORED, *TEXT)
Sent = tuple[int, Any, dict[str, str]] | Callable[[Any], None]
"""Status, body and headers; or a function of the connection, which writes what it likes."""


@dataclass(frozen=True)
class Fault:
    """how : from a right reply to what is sent. modes : ways of asking in which it can come.

    ends : "retried", where asking again has to give the right answers; "told", where only a sentence is right;
        "harmless", where only right answers are; "either", where less may be read than there was, but nothing else.
    slow : it is noticed by the time that it takes.
    """

    name: str
    how: Callable[[dict, random.Random], Sent]
    modes: tuple[str, ...] = ALL
    ends: str = "told"
    slow: bool = False


def faults(elsewhere: str, key: str) -> list[Fault]:
    """All of them. elsewhere : the URL of another server, which must not be asked. key : what the server was sent."""
    return [*_connections(), *_statuses(elsewhere, key), *_shapes(), *_numbers(), *_echoes(), *_words()]


def _written(*pieces: bytes, pause: float = 0.0) -> Sent:
    def write(connection: Any) -> None:
        with suppress(OSError):  # whoever listened has left
            for piece in pieces:
                connection.write(piece)
                connection.flush()
                time.sleep(pause)

    return write


def _sized(body: bytes, *headers: str) -> Sent:
    return _written(head(*headers, f"Content-Length: {len(body)}"), body)


def _raw(reply: dict) -> bytes:
    return json.dumps(reply).encode()


def _connections() -> list[Fault]:
    def cut(reply: dict, seed: random.Random) -> Sent:
        raw = _raw(reply)
        return _written(head(f"Content-Length: {len(raw)}"), raw[: seed.randrange(len(raw))])

    def at_once(answer: Callable[[dict, random.Random], Sent], *names: str) -> list[Fault]:
        return [Fault(name, answer, ends="retried") for name in names]

    return [
        *at_once(cut, "ends half way"),
        *at_once(lambda reply, seed: _written(), "ends at once"),
        *at_once(lambda reply, seed: _written(seed.randbytes(300)), "no HTTP"),
        *at_once(lambda reply, seed: _written(head("Content-Length: many"), _raw(reply)), "a length that is none"),
        *at_once(lambda reply, seed: _written(head("X-Long: " + "x" * 200_000), _raw(reply)), "a header without end"),
        *at_once(lambda reply, seed: _written(b"HTTP/1.1 103 Early Hints\r\n\r\n"), "only a promise"),
        Fault("drips headers", lambda reply, seed: _written(b"HTTP/1.1 200 OK\r\n", *[b"X-A: 1\r\n"] * 60, pause=0.05),
              slow=True, ends="retried"),
        Fault("drips its body", lambda reply, seed: _written(head(), *[b" "] * 60, pause=0.05),
              slow=True, ends="retried"),
        Fault("says nothing", lambda reply, seed: _written(*[b""] * 30, pause=0.1), slow=True, ends="retried"),
        Fault("garbage", lambda reply, seed: _sized(seed.randbytes(seed.randrange(1, 3000)))),
        Fault("half of its JSON", lambda reply, seed: _sized(_raw(reply)[: seed.randrange(1, len(_raw(reply)))])),
        Fault("no byte", lambda reply, seed: _sized(b"")),
        Fault("lists in lists", lambda reply, seed: _sized(b"[" * 100_000)),
        Fault("a page of HTML", lambda reply, seed: (200, "<html>Sign in</html>", {})),
        Fault("a huge reply", lambda reply, seed: _sized(b" " * (2 * SMALL_CAP) + _raw(reply))),
        Fault("a reply without end", lambda reply, seed: _written(head(), *[b" " * 2**16] * 64)),
        Fault("a reply that inflates", lambda reply, seed: _sized(bomb(4), "Content-Encoding: gzip")),
        Fault("another packing", lambda reply, seed: _sized(_raw(reply), "Content-Encoding: br")),
        Fault("a damaged packing", lambda reply, seed: _sized(seed.randbytes(99), "Content-Encoding: gzip")),
        Fault("a packing not asked for",
              lambda reply, seed: _sized(gzip.compress(_raw(reply)), "Content-Encoding: gzip"), ends="harmless"),
        Fault("another encoding", lambda reply, seed: _sized(json.dumps(reply).encode("utf-16")), ends="harmless"),
    ]  # fmt: skip


def _statuses(elsewhere: str, key: str) -> list[Fault]:
    def status(code: int, words: Any = "not now", **headers: str) -> Callable[[dict, random.Random], Sent]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return lambda reply, seed: (code, {"error": {"message": words}}, named)

    strange = [{"error": 7}, {"error": ["x"]}, {"detail": {"loc": 3}}, {"detail": [None, 5]}, [], "no", None, {},
               {"error": {"message": "\x1b[2Jgone\n\n\u202e"}}]  # fmt: skip
    return [
        *[Fault(f"status {code}", status(code), ends="retried") for code in (408, 429, 500, 502, 503, 504, 999)],
        *[Fault(f"429, wait {wait!r}", status(429, Retry_After=wait), ends="retried")
          for wait in ("0.02", "0", "soon", "-1", "1e999", "Thu, 01 Jan 1970 00:00:00 GMT")],
        Fault("429, wait an hour", status(429, Retry_After="3600")),
        Fault("temperature refused", status(400, "'temperature' does not support 0"), ends="retried"),
        Fault("max_tokens refused", status(400, "'max_tokens': use 'max_completion_tokens'"), ends="retried"),
        Fault("fewer tops allowed", status(400, "top_logprobs is at most 5"), FIRST, "retried"),
        *[Fault(f"status {code}", status(code)) for code in (400, 401, 403, 404, 405, 422, 204, 304)],
        *[Fault(f"status {code}, and the key", status(code, f"bad key {key}")) for code in (400, 401, 422)],
        Fault("400 in a strange shape", lambda reply, seed: (400, seed.choice(strange), {})),
        Fault("an error as success", lambda reply, seed: (200, {"error": {"message": f"no, {key}"}}, {})),
        *[Fault(f"sends on, {code}", status(code, Location=f"{elsewhere}/chat/completions"))
          for code in (301, 302, 303, 307, 308)],
        Fault("sends on to nowhere", status(302, Location="http://[")),
        Fault("sends on within", status(307, Location="/v2/chat/completions")),
    ]  # fmt: skip


def _shapes() -> list[Fault]:
    def instead(**more: Any) -> Callable[[dict, random.Random], Sent]:
        return lambda reply, seed: (200, {**reply, **more}, {})

    def of_choice(**more: Any) -> Callable[[dict, random.Random], Sent]:
        return lambda reply, seed: (200, {**reply, "choices": [{**reply["choices"][0], **more}]}, {})

    no_choices: list[Any] = [{}, 5, "a", [7]]
    no_logprobs: list[Any] = [5, "a", [], {"content": 5}, {"tokens": 3}]
    return [
        Fault("empty choices", instead(choices=[])),
        Fault("choices that are none", lambda reply, seed: instead(choices=seed.choice(no_choices))(reply, seed)),
        Fault("no choices", lambda reply, seed: (200, {"model": reply["model"]}, {})),
        Fault("two choices", lambda reply, seed: (200, {**reply, "choices": reply["choices"] * 2}, {})),
        Fault("another choice", of_choice(index=1)),
        Fault("another model", instead(model="large")),
        Fault("another version", instead(model="tiny-2026-01-31"), ends="either"),
        Fault("a model's name that is none", instead(model=["tiny"]), ends="harmless"),
        Fault("unknown fields", instead(usage={"a": [[[[[]]]]]}, timings=math.nan), ends="harmless"),
        Fault("no log-probabilities", of_choice(logprobs=None), SCORED),
        Fault("log-probabilities in a strange shape",
              lambda reply, seed: of_choice(logprobs=seed.choice(no_logprobs))(reply, seed), SCORED),
    ]  # fmt: skip


def _numbers() -> list[Fault]:
    """Numbers that can be no log-probability, in place of one of those that are looked for."""

    def number(value: Any) -> Callable[[dict, random.Random], Sent]:
        def how(reply: dict, seed: random.Random) -> Sent:
            logprobs, which = json.loads(_raw(reply))["choices"][0]["logprobs"], seed.randrange(2)
            if "content" in logprobs:
                logprobs["content"][0]["top_logprobs"][which]["logprob"] = value
            elif "token_logprobs" in logprobs:
                logprobs["token_logprobs"][-2] = value
            else:
                logprobs["top_logprobs"][0][(" good", " bad")[which]] = value
            return 200, {**reply, "choices": [{**reply["choices"][0], "logprobs": logprobs}]}, {}

        return how

    def tops(change: Callable[[list[tuple[str, float]]], Any]) -> Callable[[dict, random.Random], Sent]:
        def how(reply: dict, seed: random.Random) -> Sent:
            before = reply["choices"][0]["logprobs"]
            if "content" in before:
                pairs = [(top["token"], top["logprob"]) for top in before["content"][0]["top_logprobs"]]
            else:
                pairs = list(before["top_logprobs"][0].items())
            found = change(pairs)
            if "content" not in before:
                logprobs: Any = {"top_logprobs": [dict(found)] if isinstance(found, list) else found}
            else:
                given = [{"token": t, "logprob": p} for t, p in found] if isinstance(found, list) else found
                logprobs = {"content": [{"token": "fine", "logprob": pairs[2][1], "top_logprobs": given}]}
            return 200, {**reply, "choices": [{**reply["choices"][0], "logprobs": logprobs}]}, {}

        return how

    wrong = {"NaN": math.nan, "infinite": math.inf, "minus infinite": -math.inf, "positive": 3.5, "as text": "-0.1",
             "true": True, "a list": [], "400 digits": -(10**400)}  # fmt: skip
    return [
        *[Fault(f"a log-probability, {name}", number(value), SCORED) for name, value in wrong.items()],
        *[Fault(f"a log-probability, {value}", number(value), FIRST, "either") for value in (None, -9999.0, -1e300)],
        *[Fault(f"a log-probability, {value}", number(value), ("completions",)) for value in (None, -9999.0)],
        Fault("a top missing", tops(lambda pairs: pairs[:1] + pairs[2:]), FIRST, "either"),
        Fault("no choice among the tops", tops(lambda pairs: pairs[2:]), FIRST, "either"),
        Fault("more than all", tops(lambda pairs: [(t, -0.1) for t, _ in pairs]), FIRST),
        Fault("tops that are a number", tops(lambda pairs: 7), FIRST, "either"),
        Fault("tops that are text", tops(lambda pairs: "good"), FIRST, "either"),
        Fault("tokens that are half characters", tops(lambda pairs: [*pairs, ("\ud800", -30.0)]), FIRST, "harmless"),
    ]  # fmt: skip


def _echoes() -> list[Fault]:
    """Given text that comes back otherwise than it was sent."""

    def echo(**change: Callable[[list], list]) -> Callable[[dict, random.Random], Sent]:
        def how(reply: dict, seed: random.Random) -> Sent:
            choice = reply["choices"][0]
            logprobs = {**choice["logprobs"], **{name: do(choice["logprobs"][name]) for name, do in change.items()}}
            return 200, {**reply, "choices": [{**choice, "logprobs": logprobs}]}, {}

        return how

    def ignored(reply: dict, seed: random.Random) -> Sent:
        logprobs = {"tokens": [" I"], "token_logprobs": [-0.1], "text_offset": [0], "top_logprobs": None}
        return 200, {**reply, "choices": [{"index": 0, "text": " I", "logprobs": logprobs}]}, {}

    def late(reply: dict, seed: random.Random) -> Sent:
        """As llama-cpp-python does for some models: what follows a token stands at it, and what was written nowhere."""
        choice = reply["choices"][0]
        tokens, values = choice["logprobs"]["tokens"][:-1], [None, *[-9.0] * (len(choice["logprobs"]["tokens"]) - 2)]
        tops = [None, *({"so": -0.2, token: -9.0} for token in tokens[1:-1]), {"!": -0.2, tokens[-1]: -9.0}]
        logprobs = {**choice["logprobs"], "tokens": tokens, "token_logprobs": values, "top_logprobs": tops}
        return 200, {**reply, "choices": [{**choice, "logprobs": logprobs}]}, {}

    def fewer(given: list) -> list:
        return given[:-2]

    completions = ("completions",)
    return [
        Fault("echo ignored", ignored, completions),
        Fault("each token a place late", late, completions),
        Fault("fewer tokens", echo(tokens=fewer, token_logprobs=fewer, text_offset=fewer), completions),
        Fault("fewer numbers than tokens", echo(token_logprobs=fewer), completions),
        Fault("tokens of another text", echo(tokens=lambda given: ["Other"] * len(given), text_offset=lambda given: []),
              completions),
        Fault("offsets that are text", echo(text_offset=lambda given: ["a"] * len(given)), completions, "harmless"),
    ]  # fmt: skip


def _words() -> list[Fault]:
    """Answers in words that are none."""

    def words(value: Any) -> Callable[[dict, random.Random], Sent]:
        def how(reply: dict, seed: random.Random) -> Sent:
            return 200, {**reply, "choices": [{"index": 0, "message": {"role": "assistant", "content": value}}]}, {}

        return how

    return [
        *[Fault(f"an answer that is {name}", words(value), TEXT)
          for name, value in (("a number", 5), ("a list", ["good"]), ("true", True))],
        *[Fault(f"an answer that is {name}", words(value), TEXT, "either")
          for name, value in (("null", None), ("empty", ""), ("long", "so " * 100_000), ("both", "good or bad"),
                              ("steering", "\x1b[2J\x1b]0;gone\x07"), ("all thought", "<think>good"))],
    ]  # fmt: skip
