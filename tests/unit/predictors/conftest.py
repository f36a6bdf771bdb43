"""A tiny chat model, and an OpenAI-compatible server that asks it."""

import pytest
import torch
from openai_server import Behaviour, serve
from tiny_language_models import tiny_language_model


@pytest.fixture
def one_thread():
    """Models this small are slower on two threads, and far slower where other work shares the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def lm():
    return tiny_language_model("llama", chat=True)


@pytest.fixture
def server(lm):
    behaviour = Behaviour(lm)
    with serve(behaviour) as url:
        yield behaviour, url
