"""Whether a model's files are still what they were: digests written when it was converted, or committed for a package.

A file is read whole once a process, and again only where its size or time of change is another.
"""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

from fute_core.errors import Unavailable
from fute_core.models.making import is_made_here

LISTED = "fute-digests.json"
FORMAT = 1


def file_digest(file: Path) -> str:
    """Digest a file with SHA-256, as `sha256sum` does.

    Parameters
    ----------
    file : Path
        What to read.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    facts = file.stat()
    return _read(file.resolve(), facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=256)
def _read(file: Path, _size: int, _changed: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_digests(folder: Path) -> None:
    """List the digests of a folder's files in it.

    Parameters
    ----------
    folder : Path
        A model's folder, with all its files.
    """
    files = {name: file_digest(folder / name) for name in sorted(_names(folder))}
    (folder / LISTED).write_text(json.dumps({"format": FORMAT, "sha256": files}, indent=1), "utf-8")


def file_fault(file: Path, expected: str | None) -> str:
    """Read a file, and say whether it is what it was.

    Parameters
    ----------
    file : Path
        What to read.
    expected : str or None
        SHA-256 of its content; None where nothing is known of such a file.

    Returns
    -------
    str
        Such as "model.safetensors is not what it was"; empty for a sound file.
    """
    try:
        return "" if file_digest(file) == expected else f"{file.name} is not what it was"
    except FileNotFoundError:
        return f"{file.name} is missing"
    except OSError as error:
        return f"{file.name} cannot be read ({error.strerror})"


def faults(folder: Path) -> list[str]:
    """Read the files of a converted model, and say what is not as it was written.

    Parameters
    ----------
    folder : Path
        Where it was converted to.

    Returns
    -------
    list of str
        A file that is not listed is a fault as well; empty for a sound model.
    """
    try:
        listed = json.loads((folder / LISTED).read_text("utf-8"))
        if listed["format"] > FORMAT:
            return [f"{LISTED} was written by a newer version"]
        expected = dict(listed["sha256"])
    except FileNotFoundError:
        return [f"{LISTED} is missing"]
    except (OSError, ValueError, TypeError, KeyError):
        return [f"{LISTED} is damaged"]
    added = [f"{name} was added" for name in sorted(_names(folder) - expected.keys())]
    return added + [wrong for name, digest in expected.items() if (wrong := file_fault(folder / name, digest))]


def _names(folder: Path) -> set[str]:
    """All its files but the list itself and hidden ones."""
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    return {name for name in files if name != LISTED and not Path(name).name.startswith(".")}


def check_converted(folder: Path) -> None:
    """Check a model before it is used, where it is one that was converted here.

    Parameters
    ----------
    folder : Path
        Of any model; what lies elsewhere than converted models do is not checked.

    Raises
    ------
    Unavailable
        Where a file is not what was written; the sentence says how to make it anew.
    """
    if is_made_here(folder) and (found := faults(folder)):
        name = re.sub(r"-[0-9a-f]{12}-[0-9]+$", "", folder.name)
        raise Unavailable(f"The converted model {name} is damaged ({found[0]}); delete {folder} to convert it again.")
