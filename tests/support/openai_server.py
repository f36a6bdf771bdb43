"""A real HTTP server on 127.0.0.1 that speaks the OpenAI API, answering from a tiny language model or as it is told."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from fute_core.models.language import LanguageModel

MODEL = "tiny"


@dataclass
class Behaviour:
    """What the server does, and what it was asked.

    before : called with each request; what it returns, (status, body, headers) or a function that writes to the
        connection, is answered instead.
    tops, text : what is answered without a model; and every word after a text is then as likely as exp(-1).
    """

    lm: "LanguageModel | None" = None
    tops: tuple[tuple[str, float], ...] = (("good", -0.5), ("bad", -1.5), ("fine", -3.0))
    text: str = "good"
    echo: bool = True
    logprobs: bool = True
    most: int = 20
    before: Callable[[str, dict], tuple[int, Any, dict] | Callable[[Any], None] | None] = lambda path, body: None
    requests: list[tuple[str, dict]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    lock: Any = field(default_factory=threading.Lock)


@contextmanager
def serve(behaviour: Behaviour) -> Iterator[str]:
    """The base URL of a server that runs as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._send(
                200, {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "x"}]}
            )

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with behaviour.lock:
                behaviour.requests.append((self.path, body))
                behaviour.headers.append({name.lower(): value for name, value in self.headers.items()})
            if callable(instead := behaviour.before(self.path, body)):
                instead(self.wfile)
            elif instead is not None:
                self._send(*instead)
            elif body["model"] != MODEL:
                self._send(404, {"error": {"message": "no such model", "code": "model_not_found"}})
            elif self.path == "/v1/chat/completions":
                self._send(*_chat(behaviour, body))
            elif self.path == "/v1/completions":
                self._send(*_completion(behaviour, body))
            else:
                self._send(404, {"error": {"message": "no such path"}})

        def _send(self, status: int, body: Any, headers: dict | None = None):
            raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            kind = "text/html" if isinstance(body, str) else "application/json"
            for name, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **(headers or {})}.items():
                self.send_header(name, value)
            with suppress(OSError):  # whoever asked has left
                self.end_headers()
                self.wfile.write(raw)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _chat(behaviour: Behaviour, body: dict) -> tuple[int, dict]:
    if body.get("top_logprobs", 0) > behaviour.most:
        return 400, {"error": {"message": f"top_logprobs must be at most {behaviour.most}"}}
    top = behaviour.tops
    if behaviour.lm is not None:
        read = behaviour.lm.tokenizer
        prompt = read.apply_chat_template(body["messages"], tokenize=False, add_generation_prompt=True)
        top = _likeliest(behaviour.lm, prompt, body["top_logprobs"], special=False)
    content = [{"token": top[0][0], "logprob": top[0][1], "bytes": None,
                "top_logprobs": [{"token": t, "logprob": p, "bytes": None} for t, p in top]}]  # fmt: skip
    choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": behaviour.text}}
    choice["logprobs"] = {"content": content} if behaviour.logprobs and body.get("logprobs") else None
    return 200, {"id": "1", "object": "chat.completion", "created": 0, "model": MODEL, "choices": [choice]}


def _completion(behaviour: Behaviour, body: dict) -> tuple[int, dict]:
    choice = {"index": 0, "finish_reason": "length", "text": body["prompt"] if body.get("echo") else behaviour.text,
              "logprobs": None}  # fmt: skip
    if body.get("echo") and not behaviour.echo:
        return 400, {"error": {"message": "echo is not supported"}}
    if body.get("echo"):
        choice["logprobs"] = (
            echoed_words(body["prompt"]) if behaviour.lm is None else _echoed(behaviour.lm, body["prompt"])
        )
    elif body.get("logprobs", 0) > behaviour.most:
        return 400, {"error": {"message": f"logprobs must be at most {behaviour.most}"}}
    elif behaviour.logprobs and behaviour.lm is None:
        choice["logprobs"] = {"top_logprobs": [{f" {token}": p for token, p in behaviour.tops}]}
    elif behaviour.logprobs:
        choice["logprobs"] = {"top_logprobs": [dict(_likeliest(behaviour.lm, body["prompt"], body["logprobs"]))]}
    return 200, {"id": "1", "object": "text_completion", "created": 0, "model": MODEL, "choices": [choice]}


def _log_p(lm: "LanguageModel", ids: list[int]) -> "torch.Tensor":
    import torch

    with torch.inference_mode():
        return torch.log_softmax(lm.model(input_ids=torch.tensor([ids])).logits[0].float(), 1)


def _likeliest(lm: "LanguageModel", prompt: str, n: int, special: bool = True) -> list[tuple[str, float]]:
    ids = lm.tokenizer(prompt, add_special_tokens=special)["input_ids"]
    log_p = _log_p(lm, ids)[-1]
    values, tokens = log_p.topk(min(n, len(log_p)))
    return [(lm.tokenizer.decode([t]), p) for t, p in zip(tokens.tolist(), values.tolist(), strict=True)]


def _echoed(lm: "LanguageModel", text: str) -> dict[str, list]:
    encoded = lm.tokenizer(text, return_offsets_mapping=True)
    ids = encoded["input_ids"]
    log_p = _log_p(lm, ids)
    values = [None, *(log_p[i - 1, ids[i]].item() for i in range(1, len(ids)))]
    return {"tokens": [lm.tokenizer.decode([t]) for t in ids][1:], "token_logprobs": values[1:],
            "text_offset": [start for start, _ in encoded["offset_mapping"]][1:], "top_logprobs": None}  # fmt: skip


def echoed_words(text: str) -> dict[str, list]:
    """Log-probabilities of a text whose every word is a token."""
    tokens = re.findall(r"\s*\S+", text)
    return {"tokens": tokens, "token_logprobs": [None, *[-1.0] * (len(tokens) - 1)],
            "text_offset": [m.start() for m in re.finditer(r"\s*\S+", text)], "top_logprobs": None}  # fmt: skip
