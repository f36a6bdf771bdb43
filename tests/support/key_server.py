"""Keys for an endpoint, a prompt to ask it, and the keys that a server on loopback saw."""

import math

from openai_server import MODEL

from fute_core.tasks import PromptTemplate

OWN, TYPED_KEY = "sk-own-1a2b3c", "sk-typed-4d5e6f"
TEMPLATE = PromptTemplate("t", "Is it good? {{ text }}", (("positive",), ("bad",)), ("good", "bad"))


def likely(token: str) -> dict:
    """A chat answer that begins with this token; another choice is less likely."""
    top = [{"token": t, "logprob": math.log(p), "bytes": None} for t, p in ((token, 0.9), ("negative", 0.05))]
    choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": token},
              "logprobs": {"content": [{**top[0], "top_logprobs": top}]}}  # fmt: skip
    return {"id": "1", "object": "chat.completion", "created": 0, "model": MODEL, "choices": [choice]}


def seen(behaviour) -> set[str]:
    return {headers["authorization"] for headers in behaviour.headers}
