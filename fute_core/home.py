"""Where the product reads what it ships and writes what it makes."""

import os
from contextlib import suppress
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
DATA = PACKAGE.parent / "data"


def fute_home() -> Path:
    """Folder for everything the product writes: `FUTE_HOME`, or the platform's user data folder."""
    if named := os.environ.get("FUTE_HOME"):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("task-atlas", appauthor=False)


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the file, then rename: a reader sees the old content or the new. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
