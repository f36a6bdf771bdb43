"""A server on loopback that answers as it is told, and a key of one's own in the environment."""

import pytest
from key_server import OWN, likely
from openai_server import Behaviour, serve

from fute_core.predictors.keys import TYPED


@pytest.fixture
def server():
    behaviour = Behaviour(before=lambda path, body: (200, likely("positive"), {}))
    with serve(behaviour) as url:
        yield behaviour, url


@pytest.fixture(autouse=True)
def _own_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", OWN)
    for name in ("OPENAI_BASE_URL", "MY_KEY", TYPED):
        monkeypatch.delenv(name, raising=False)
