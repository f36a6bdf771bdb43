"""A process that asks models for the server, one text after the other: `python -m dashboard.reads.answering`.

It keeps a language model loaded for the next text, and ends when nobody has asked for a while, or with the server. No
Streamlit in here: a process pool of Python's own would draw the page that Streamlit has made the main module.
"""

import json
import os
import select
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import asdict, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.errors import BadInput, FuteError, Incomparable, Unavailable, Unexpected
from fute_core.home import PACKAGE

if TYPE_CHECKING:
    from fute_core.analysis.asking import Asked, Reply
    from fute_core.tasks import Text

IDLE_SECONDS = 600
ERRORS = {kind.__name__: kind for kind in (BadInput, Unavailable, Incomparable, Unexpected, FuteError)}
"""What is raised again on the server's end; more special ones come first as what they are a kind of."""
ENDED = "The process that asks models has ended, for want of memory or by somebody's hand; ask again."


class Answering:
    """The server's end: what is submitted is asked in turn, and whoever has it can look whether it is there."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "dashboard.reads.answering")):
        self._command = command
        self._todo: SimpleQueue[tuple[Future[Reply], Asked, Text]] = SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        # A daemon, so that a server which is stopped waits for no model.
        threading.Thread(target=self._work, name="answering", daemon=True).start()

    def submit(self, asked: "Asked", text: "Text") -> "Future[Reply]":
        """Ask when all that came before is answered; until then it can be cancelled."""
        future: Future[Reply] = Future()
        self._todo.put((future, asked, text))
        return future

    def _work(self) -> None:
        while True:
            future, asked, text = self._todo.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._put(asked, text))
            except BaseException as error:  # whoever asked hears of it, and the next one is still asked
                future.set_exception(error)

    def _put(self, asked: "Asked", text: "Text") -> "Reply":
        question = _written(asked, text)
        try:
            if self._process is None or self._process.poll() is not None:
                self._process = self._started()
            self._process.stdin.write(question)
            self._process.stdin.flush()
            found = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):  # a line that is empty or broken off is no JSON
            if self._process is not None:
                self._process.kill()
                self._process.wait()
            raise Unavailable(ENDED) from None
        return _reply(found)

    def _started(self) -> "subprocess.Popen[bytes]":
        """In a session of its own: what interrupts the server at a terminal does not meet it in the midst of a text."""
        path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path}
        environment.pop("FUTE_PASSWORD", None)  # no business of the models that are asked
        return subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, env=environment
        )


def main() -> None:
    """Read who is asked about what, and write the reply or what was raised, until the other end is gone."""
    # What a library prints must not come between the replies.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked_for = sys.stdin.buffer
    while select.select([asked_for], [], [], IDLE_SECONDS)[0] and (question := asked_for.readline()):
        replies.write(json.dumps(_answered(*_read(question))).encode() + b"\n")
        replies.flush()


def _answered(asked: "Asked", text: "Text") -> dict[str, Any]:
    """The reply as JSON values, or the kind of an error and its sentence."""
    from fute_core.evaluation.parts.again import asked_about
    from fute_core.jobs.plan import sentence

    try:
        return asdict(asked_about(asked, text))
    except FuteError as error:
        kind = next(name for name, kind in ERRORS.items() if isinstance(error, kind))
        return {"error": kind, "sentence": str(error)}
    except Exception as error:  # of a library; as in a job, it is told in a sentence
        return {"error": "Unexpected", "sentence": sentence(error)}


def _written(asked: "Asked", text: "Text") -> bytes:
    """Who is asked about what, as a line of JSON."""
    answers = None if asked.answers is None else asked.answers.tolist()
    told = {"asked": asdict(replace(asked, answers=None)), "answers": answers, "text": text}
    return json.dumps(told).encode() + b"\n"


def _read(question: bytes) -> "tuple[Asked, Text]":
    """What `_written` wrote."""
    from fute_core.analysis.asking import Asked
    from fute_core.embedding.requests import EmbedRequest

    told = json.loads(question)
    who, answers, text = told["asked"], told["answers"], told["text"]
    asked = Asked(**{
        **who,
        "request": who["request"] and EmbedRequest(**who["request"]),
        "trained": who["trained"] and tuple(who["trained"]),
        "answers": None if answers is None else np.array(answers, np.float32),
    })  # fmt: skip
    return asked, text if isinstance(text, str) else tuple(text)


def _reply(found: dict[str, Any]) -> "Reply":
    """What `_answered` wrote; raises the error that it tells of."""
    from fute_core.analysis.asking import Reply

    if "error" in found:
        raise ERRORS[found["error"]](found["sentence"])
    return Reply(**{**found, "labels": tuple(found["labels"]), "proba": tuple(found["proba"])})


if __name__ == "__main__":
    main()
