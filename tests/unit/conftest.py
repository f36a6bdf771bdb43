"""Fixtures of several files of units."""

import pytest

from fute_core.store.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")
