"""One run of questions to a server that fails by a seed, and what it left: answers that are right, and nothing else."""

import json
import math
import random
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from openai_server import MODEL, Behaviour, serve
from server_faults import ALL, SMALL_CAP, Fault, faults

from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.answering import collect_answers
from fute_core.errors import FuteError
from fute_core.predictors.answers import known_as
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.predictors.written import WrittenByServer
from fute_core.store.store import Store
from fute_core.tasks import PromptTemplate

TEMPLATE = PromptTemplate("t", "Good? {{ text }}", (("good",), ("bad",)), ("good", "bad"))
TEXTS = tuple(f"text {i}" for i in range(12))
PROBES = ProbeSet("v0", TEXTS, TEXTS, False, TEXTS)
KEY = "sk-torture-1a2b3c"
LONGEST_SENTENCE = 500
ENOUGH, SHORT = 60.0, 0.4
"""Seconds of a try: so many that no busy machine needs them, and so few that a slow server is left soon."""


def truth(number: int) -> dict[str, float]:
    """Log-probabilities of the answers to a text; each text has others, so that none can stand for another."""
    good, bad = (number + 1) / 16, 0.2
    return {"good": math.log(good), "bad": math.log(bad), "fine": math.log(1 - good - bad)}


def right_reply(path: str, body: dict) -> dict:
    """What a sound server answers."""
    true = truth(number_of(body))
    said = max(("good", "bad"), key=true.__getitem__)
    if body.get("echo"):
        tokens = [*re.findall(r"\s*\S+", body["prompt"]), "!"]
        values = [None, *[-2.0] * (len(tokens) - 3), true[body["prompt"].rpartition(" ")[2]], -1.0]
        offsets = np.cumsum([0, *map(len, tokens[:-1])]).tolist()
        logprobs = {"tokens": tokens, "token_logprobs": values, "text_offset": offsets}
        choice = {"text": body["prompt"] + "!", "logprobs": logprobs}
    elif path.endswith("chat/completions"):
        tops = [{"token": token, "logprob": p} for token, p in true.items()]
        content = [{**max(tops, key=lambda top: top["logprob"]), "top_logprobs": tops}]
        choice = {"message": {"role": "assistant", "content": said}, "logprobs": {"content": content}}
    else:
        choice = {"text": f" {said}", "logprobs": {"top_logprobs": [{f" {token}": p for token, p in true.items()}]}}
    return {"model": MODEL, "choices": [{"index": 0, **choice}]}


def number_of(body: dict) -> int:
    """Which text a request is about."""
    return int(re.findall(r"text (\d+)", json.dumps(body))[-1])


@dataclass(frozen=True)
class Found:
    """lost : answers that were paid for and are gone or asked for again. wrong : values that are stored and are not
    what the server meant, and errors that are no sentence. ended : what was told, empty where nothing was.
    """

    lost: int
    wrong: int
    ended: str


@contextmanager
def faulty_servers(seed: random.Random) -> Iterator[list[Fault]]:
    """The faults in random order. While it is open replies are capped early and pauses are short."""
    elsewhere = Behaviour()
    with (
        serve(elsewhere) as url,
        patch("fute_core.predictors.exchange.MOST_BYTES", SMALL_CAP),
        patch("fute_core.predictors.server.PAUSES", (0.01, 0.05)),
        patch.dict("os.environ", {"TORTURE_KEY": KEY}),
    ):
        kinds = faults(url, KEY)
        seed.shuffle(kinds)
        yield kinds
    assert not elsewhere.requests, "a redirect to another server was followed"


def run(folder: Path, fault: Fault, mode: str, seed: random.Random) -> Found:
    """Ask a server that fails at some text, once or from there on, and ask again once it is mended."""
    first, once, at_once = seed.randrange(len(TEXTS)), seed.random() < 0.5, seed.choice((1, 4))
    store, behaviour = Store(folder), Behaviour()
    failed: list[int] = []

    def failing(path: str, body: dict):
        number, reply = number_of(body), right_reply(path, body)
        if number < first or (once and failed):
            return 200, reply, {}
        failed.append(number)
        return fault.how(reply, seed)

    behaviour.before = failing
    with serve(behaviour) as url:
        asked = _predictor(url, mode, at_once, SHORT if fault.slow else ENOUGH)
        told, wrong = "", 0
        try:
            collect_answers(asked, PROBES, store)
        except FuteError as error:
            told = str(error)
            wrong += not _is_sentence(told)
        except Exception as error:
            print(f"wrong: {fault.name} ({mode}): {type(error).__name__}: {error}", file=sys.stderr)
            wrong += 1
        wrong += _ended_wrongly(fault, once, told)
        rows, missing = store.get_answers(known_as(asked), TEXTS)
        less = set(failed) if fault.ends == "either" else set()
        wrong += sum(not _right(row, i, mode, i in less) for i, row in enumerate(rows) if row is not None)
        lost = int(missing[:first].sum())

        behaviour.before = lambda path, body: (200, right_reply(path, body), {})
        behaviour.requests.clear()
        mended = collect_answers(_predictor(url, mode, at_once, ENOUGH), PROBES, store)
    wrong += sum(not _right(row, i, mode, i in less) for i, row in enumerate(mended))
    due = int(missing.sum()) * (2 if mode == "completions" else 1) + (missing.any() and mode in ("chat", "next-token"))
    return Found(lost + max(0, len(behaviour.requests) - int(due)), wrong, told)


def _predictor(url: str, mode: str, at_once: int, seconds: float):
    of_server = {"timeout": seconds, "retries": 2, "at_once": at_once, "api_key_env": "TORTURE_KEY"}
    if mode == "text":
        return WrittenByServer(TEMPLATE, url, MODEL, **of_server)
    return EndpointPredictor(TEMPLATE, url, MODEL, mode=mode, **of_server)


def _is_sentence(told: str) -> bool:
    return told.isprintable() and told.endswith((".", "?")) and len(told) <= LONGEST_SENTENCE and KEY not in told


def _ended_wrongly(fault: Fault, once: bool, told: str) -> bool:
    """Whether there are answers where only a sentence is right, or the other way round."""
    if fault.ends == "harmless" or (fault.ends == "retried" and once and not fault.slow):
        return bool(told)
    return not told and (fault.ends == "told" or (fault.ends == "retried" and not once))


def _right(row: np.ndarray, number: int, mode: str, less: bool) -> bool:
    """Whether a stored answer is the server's; of one that it gave in part, each part that is there."""
    true = truth(number)
    if mode == "text":
        meant = np.eye(3)[0 if true["good"] > true["bad"] else 1]
        return np.array_equal(row, meant) or (less and np.array_equal(row, [0, 0, 1]))
    scores, given = row[:2], np.array([true["good"], true["bad"]])
    seen = np.isfinite(scores)
    return (less or bool(seen.all())) and np.allclose(scores[seen], given[seen], atol=1e-4) and not np.isnan(row).any()


def runs(folder: Path, count: int, seed: random.Random) -> Iterator[tuple[Fault, str, Found]]:
    """So many runs, each kind of fault once before any comes again, in a way of asking that it can come in."""
    with faulty_servers(seed) as kinds:
        for number in range(count):
            fault = kinds[number % len(kinds)]
            mode = seed.choice([m for m in ALL if m in fault.modes])
            yield fault, mode, run(folder / str(number), fault, mode, seed)
