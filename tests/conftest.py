import ctypes
import os
import signal
import sys

import pytest
from models_at_hand import common_folder, home_with_encoder, lend

from fute_core.datasets.probes import all_probes
from fute_core.models.encoder import Surrogate
from fute_core.models.surrogate import DEFAULT_SURROGATE

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
    """What a file's tests have freed; the allocator of Linux keeps it, a quarter of what a process seems to hold."""
    yield
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@pytest.fixture(scope="session", autouse=True)
def _probe_texts_read_once():
    """The packaged encoder reads the shipped probe texts once a process, for many vectors in homes of their own.

    What it gives is the same to the byte. Short sets are read each time, so that two vectors can be two computations.
    """
    read, kept = Surrogate._features, {}

    def features(self, texts):
        pair = bool(texts) and isinstance(texts[0], tuple)
        if self.id != DEFAULT_SURROGATE or len(texts) < 32 or tuple(texts) != all_probes(pair).texts[: len(texts)]:
            return read(self, texts)
        key = (self.digest, self.device.type, self.max_length, pair, len(texts))
        if key not in kept:
            kept[key] = read(self, texts)
        return kept[key].copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Surrogate, "_features", features)
        yield
