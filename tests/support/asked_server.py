"""A predictor that asks a server which answers as it is told, and the shape of a chat answer."""

from openai_server import MODEL

from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.tasks import PromptTemplate

TEMPLATE = PromptTemplate("t", "Good? {{ text }}", (("good",), ("bad",)), ("good", "bad"))
TEXTS = tuple(f"text {i}" for i in range(12))
ERROR = {"error": {"message": "not now"}}


def predictor(url, mode="chat", model=MODEL, **more):
    return EndpointPredictor(TEMPLATE, url, model, mode=mode, **more)


def chat(*tops, **more):
    """A chat answer whose first token has these (token, log-probability) pairs, likeliest first."""
    content = [
        {"token": tops[0][0], "logprob": tops[0][1], "top_logprobs": [{"token": t, "logprob": p} for t, p in tops]}
    ]
    choice = {"index": 0, "message": {"content": tops[0][0]}, "logprobs": {"content": content}}
    return {"model": MODEL, "choices": [choice], **more}


def always(body, status=200, **headers):
    return lambda path, sent: (status, body, {name.replace("_", "-"): value for name, value in headers.items()})
