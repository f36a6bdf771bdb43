"""Where the product reads what it ships and writes what it makes."""

import errno
import json
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

PACKAGE = Path(__file__).resolve().parent
INSTALLED = (PACKAGE / "_data").is_dir()
"""Whether this is an installed package, which carries its data inside, and no checkout."""
DATA = PACKAGE / "_data" if INSTALLED else PACKAGE.parent / "data"
GALLERY = DATA / "gallery"
"""The atlas that ships."""
RESULTS = DATA / "results" if INSTALLED else PACKAGE.parent / "docs" / "results"
"""What the evaluations measured, as it ships."""
OPEN_TO_READERS = 0o755
"""The mode of a folder that was made without a mind to who may read it."""
MOST_BYTES = 512 * 2**20
"""No JSON file of ours comes near; a longer one is not read into memory."""


ELSEWHERE = "set FUTE_HOME to a folder that you may write to"


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


def gallery_folder() -> Path:
    """Find the gallery that the atlas is opened on.

    Returns
    -------
    Path
        The folder that `FUTE_GALLERY` names, or what ships; it need not exist.
    """
    named = os.environ.get("FUTE_GALLERY")
    return Path(named).expanduser() if named else GALLERY


def galleries_folder() -> Path:
    """Find where galleries that other encoders have read lie, a folder each.

    Returns
    -------
    Path
        Within `fute_home`; it need not exist.
    """
    return fute_home() / "galleries"


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


def how_to_write(error: OSError) -> str:
    """Say what to do where a file cannot be written.

    Parameters
    ----------
    error : OSError
        What the disk said.

    Returns
    -------
    str
        The end of a sentence.
    """
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ELSEWHERE
    return "free some room"


def private_folder(path: Path) -> None:
    """Make a folder of the home, with those above it that are missing, into which nobody but its owner may look.

    A folder that is there and open to all for reading, as earlier versions made them, is closed where it is ours. One
    that others may write to stays as it is: who shares one has meant it.

    Parameters
    ----------
    path : Path
        The folder.

    Raises
    ------
    OSError
        Where the disk refuses, and where a file is in the way.
    """
    if not path.is_dir():
        if path.parent != path:
            private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        return
    found = path.stat()
    if stat.S_IMODE(found.st_mode) == OPEN_TO_READERS and found.st_uid == os.getuid():
        with suppress(OSError):  # a disk that is not written to now
            path.chmod(0o700)


def mode_within(folder: Path) -> int:
    """Tell who may read and write a file of a folder: its owner, and those with whom the folder is shared.

    Parameters
    ----------
    folder : Path
        Which exists.

    Returns
    -------
    int
        0o600, and more in a folder that lets others in.
    """
    return 0o600 | stat.S_IMODE(folder.stat().st_mode) & 0o066


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


@contextmanager
def whole_file(path: Path, private: bool = False) -> Iterator[IO[bytes]]:
    """Write beside the file, then rename: a reader sees the old content or the new.

    A link stays a link, and what it leads to is written. A device or a pipe is written to and never replaced.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    private : bool, default False
        Only its owner may read it.

    Yields
    ------
    file object
        To write to, in any order; it counts once the block ends without an error.

    Raises
    ------
    OSError
        Where the disk refuses, for a folder, and for a pipe that nobody reads.
    """
    if _is_stream(path):
        with tempfile.TemporaryFile() as held:
            yield held
            held.seek(0)
            with open(os.open(path, os.O_WRONLY | os.O_NONBLOCK), "wb") as stream:
                os.set_blocking(stream.fileno(), True)  # only that nobody reads was not to be waited for
                shutil.copyfileobj(held, stream)
        return
    target = Path(os.path.realpath(path))
    temporary = beside(target)
    try:
        # Not by `tempfile`, whose files only their owner may read: a report is made to be shared.
        with open(temporary, "wb", opener=owners_alone if private else None) as file:
            yield file
        if not private:
            with suppress(FileNotFoundError):
                shutil.copymode(target, temporary)
        os.replace(temporary, target)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, private: bool = False) -> None:
    """Write a file's whole content, as `whole_file` does.

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
    with whole_file(path, private) as file:
        file.write(content)


def check_regular(path: Path) -> os.stat_result:
    """Check that what is there is a file: a library would wait for a pipe without end.

    Parameters
    ----------
    path : Path
        Any.

    Returns
    -------
    os.stat_result
        What the system says of it.

    Raises
    ------
    OSError
        For anything else, and where nothing is.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, f"{path.parent.name}/{path.name} is no file")
    return found


def read_json_file(path: Path) -> Any:
    """Read a JSON file, in whose place there may be anything.

    Parameters
    ----------
    path : Path
        Where from.

    Returns
    -------
    JSON value
        What it holds.

    Raises
    ------
    OSError
        Where it is missing or refused.
    ValueError
        Where no JSON is, or no file: a pipe or a device would be waited for without end.
    """
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            raise ValueError(f"{path.name} is no file that was written here")
        content = file.read()
    try:
        return json.loads(content.decode("utf-8"))
    except RecursionError:
        raise ValueError(f"{path.name} is nested too deep") from None


def _is_stream(path: Path) -> bool:
    """Whether what is there takes bytes one after the other, and is no file that could be replaced."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    # An open file of this process, as /dev/stdout is one, is written to where it is.
    opened = str(path) in ("/dev/stdout", "/dev/stderr") or str(path.parent) in ("/dev/fd", "/proc/self/fd")
    return opened or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
