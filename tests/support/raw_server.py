"""A server on loopback that answers every request with given bytes, piece by piece: what no library would send."""

import gzip
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


@contextmanager
def serve_raw(pieces: Iterable[bytes], pause: float = 0.0) -> Iterator[str]:
    """The base URL of a server that sends the pieces with pauses, as long as somebody listens."""
    pieces = list(pieces)
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            try:
                for piece in pieces:
                    if ended.wait(pause):
                        return
                    connection.sendall(piece)
            except OSError:
                return

    def run() -> None:
        while not ended.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    finally:
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def head(*headers: str) -> bytes:
    """The beginning of a reply with status 200."""
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: application/json", *headers, "", ""]).encode()


def bomb(mebibytes: int) -> bytes:
    """Blanks without end, packed to next to nothing."""
    return gzip.compress(b" " * (mebibytes * 2**20))
