import pytest

from fute_core.store.store import open_store


@pytest.fixture
def store():
    return open_store()


@pytest.fixture
def log(tmp_path):
    """A file in which `job_requests.execute` notes what it computes."""
    path = tmp_path / "executed"
    path.touch()
    return path
