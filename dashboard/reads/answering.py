"""A process that asks models for the server, one text after the other: `python -m dashboard.reads.answering`.

It keeps a language model loaded for the next text, and ends when nobody has asked for a while, or with the server. No
Streamlit in here: a process pool of Python's own would draw the page that Streamlit has made the main module.
"""

import os
import pickle
import select
import subprocess
import sys
import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from fute_core.errors import FuteError, Unavailable, Unexpected
from fute_core.home import PACKAGE

if TYPE_CHECKING:
    from fute_core.analysis.asking import Asked, Reply
    from fute_core.tasks import Text

IDLE_SECONDS = 600
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
        try:
            if self._process is None or self._process.poll() is not None:
                self._process = self._started()
            pickle.dump((asked, text), self._process.stdin)
            self._process.stdin.flush()
            found = pickle.load(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            if self._process is not None:
                self._process.kill()
                self._process.wait()
            raise Unavailable(ENDED) from None
        if isinstance(found, BaseException):
            raise found
        return found

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
    while asked_for.peek(1) if select.select([asked_for], [], [], IDLE_SECONDS)[0] else False:
        pickle.dump(_answered(*pickle.load(asked_for)), replies)
        replies.flush()


def _answered(asked: "Asked", text: "Text") -> Any:
    from fute_core.evaluation.parts.again import asked_about
    from fute_core.jobs.plan import sentence

    try:
        return asked_about(asked, text)
    except FuteError as error:
        return error
    except Exception as error:  # of a library; as in a job, it is told in a sentence
        return Unexpected(sentence(error))


if __name__ == "__main__":
    main()
