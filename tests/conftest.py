import os
import signal

import pytest

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# A suite started in the background has Ctrl-C ignored, and the commands it tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    """Every test writes to a folder of its own, never to the developer's."""
    monkeypatch.setenv("FUTE_HOME", str(tmp_path_factory.mktemp("home")))
