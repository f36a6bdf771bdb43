"""Where the product reads what it ships and writes what it makes."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
INSTALLED = (PACKAGE / "_data").is_dir()
"""Whether this is an installed package, which carries its data inside, and no checkout."""
DATA = PACKAGE / "_data" if INSTALLED else PACKAGE.parent / "data"
RESULTS = DATA / "results" if INSTALLED else PACKAGE.parent / "docs" / "results"
"""What the evaluations measured, as it ships."""


def fute_home() -> Path:
    """Find the folder for everything the product writes.

    Returns
    -------
    Path
        `FUTE_HOME`, or the platform's user data folder; it need not exist.
    """
    if named := os.environ.get("FUTE_HOME"):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("task-atlas", appauthor=False)


def beside(path: Path) -> Path:
    """Make up a hidden name in a file's folder that no other thread or process writes to.

    Parameters
    ----------
    path : Path
        The file that is to be written in the end.

    Returns
    -------
    Path
        A name that is not taken.
    """
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")


def owners_alone(path: str, flags: int) -> int:
    """Open a file that nobody but its owner may read, as the `opener` of `open`.

    Parameters
    ----------
    path : str
        The file.
    flags : int
        As `os.open` takes them.

    Returns
    -------
    int
        A file descriptor.
    """
    return os.open(path, flags, 0o600)


def write_whole(path: Path, content: bytes, private: bool = False) -> None:
    """Write beside the file, then rename: a reader sees the old content or the new.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    content : bytes
        All of its content.
    private : bool, default False
        Only its owner may read it.

    Raises
    ------
    OSError
        Where the disk refuses.
    """
    temporary = beside(path)
    try:
        # Not by `tempfile`, whose files only their owner may read: a report is made to be shared.
        with open(temporary, "wb", opener=owners_alone if private else None) as file:
            file.write(content)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
