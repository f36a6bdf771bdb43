import os
import signal
import sys

import pytest

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# A suite started in the background has Ctrl-C ignored, and the commands it tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items) -> None:
    """Files with slow tests come first: begun last, one of them would leave the other processes idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    """Every test writes to a folder of its own, never to the developer's."""
    monkeypatch.setenv("FUTE_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(autouse=True)
def _own_main_module(monkeypatch):
    """Streamlit makes its page the main module, and every process that is spawned later would draw that page first."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
