"""The default encoder as the product converts it: made once for all tests, and lent to every home of theirs."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from fute_core.models.surrogate import DEFAULT_SURROGATE, surrogate_identity

MEMO = "weights.json"


def common_folder(tmp_path_factory) -> Path:
    """A folder that the processes of this run of tests share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def home_with_encoder(folder: Path) -> Path:
    """A home in which the encoder is converted, and the digests of its files are known."""
    home = folder / "encoder-home"
    home.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, (home / "lock").open("w") as lock:
        patch.setenv("FUTE_HOME", str(home))
        fcntl.flock(lock, fcntl.LOCK_EX)  # one converts, and what it made is there for those that waited
        surrogate_identity(DEFAULT_SURROGATE)
    return home


def lend(home: Path, lender: Path) -> Path:
    """Put links to the lender's models into a home, which may be one that is not there yet."""
    (home / "models").mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    for model in (lender / "models").iterdir():
        if not (home / "models" / model.name).exists():
            (home / "models" / model.name).symlink_to(model)
    shutil.copy(lender / MEMO, home / MEMO)
    return home
