"""A tiny chat model, and an OpenAI-compatible server that asks it."""

import pytest
from openai_server import Behaviour, serve


@pytest.fixture
def one_thread():
    """Models this small are slower on two threads, and far slower where other work shares the cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def lm():
    from tiny_language_models import tiny_language_model

    return tiny_language_model("llama", chat=True)


@pytest.fixture
def server(lm):
    behaviour = Behaviour(lm)
    with serve(behaviour) as url:
        yield behaviour, url


@pytest.fixture
def plain():
    """A server without a model, which answers as it is told."""
    with serve(behaviour := Behaviour()) as url:
        yield behaviour, url
