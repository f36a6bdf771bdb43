"""Where the product reads what it ships and writes what it makes."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
DATA = PACKAGE.parent / "data"


def fute_home() -> Path:
    """Folder for everything the product writes: `FUTE_HOME`, or the platform's user data folder."""
    if named := os.environ.get("FUTE_HOME"):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("task-atlas", appauthor=False)
