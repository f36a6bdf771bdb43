import ctypes
import gc
import os
import signal
import sys

import pytest
from models_at_hand import common_folder, home_with_encoder, lend

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# A suite started in the background has Ctrl-C ignored, and the commands it tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items) -> None:
    """Files with slow tests come first: begun last, one of them would leave the other processes idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def lender(tmp_path_factory):
    """A home with the default encoder as it is converted, for `models_at_hand.lend`."""
    return home_with_encoder(common_folder(tmp_path_factory))


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, lender, monkeypatch):
    """Every test writes to a folder of its own, never to the developer's; the encoder is there."""
    monkeypatch.setenv("FUTE_HOME", str(lend(tmp_path_factory.mktemp("home"), lender)))


@pytest.fixture
def bare_home(monkeypatch, tmp_path):
    """A home in which nothing was ever made."""
    monkeypatch.setenv("FUTE_HOME", str(tmp_path / "bare"))


@pytest.fixture(autouse=True)
def _own_main_module(monkeypatch):
    """Streamlit makes its page the main module, and every process that is spawned later would draw that page first."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="module", autouse=True)
def _free_memory_given_back():
    """What a file's tests have freed; the allocator of Linux keeps it, a quarter of what a process seems to hold.

    What is left, hundreds of thousands of objects of libraries and caches, is not looked through by the garbage
    collector any more: each time would take a second, and it is so often that some tests took ten times as long.
    """
    yield
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
