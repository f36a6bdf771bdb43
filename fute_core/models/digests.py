"""Whether a model's files are still what they were: digests written when it was converted, or committed for a package.

A file is read whole once a process, and again only where its size or time of change is another.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from fute_core.errors import Unavailable

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
    files = {file.name: file_digest(file) for file in sorted(folder.iterdir()) if file.is_file()}
    (folder / LISTED).write_text(json.dumps({"format": FORMAT, "sha256": files}, indent=1), "utf-8")


def faults(folder: Path, expected: Mapping[str, str] | None = None) -> list[str]:
    """Read a model's files, and say what is not as it was.

    Parameters
    ----------
    folder : Path
        The model's folder.
    expected : mapping of str to str, optional
        SHA-256 of each file; any other file of the folder is left alone. By default what is listed in the folder, and
        then a file that is not listed is a fault.

    Returns
    -------
    list of str
        Such as "model.safetensors is not what was written"; empty for a sound model.
    """
    if expected is None:
        try:
            listed = json.loads((folder / LISTED).read_text("utf-8"))
            if listed["format"] > FORMAT:
                return [f"{LISTED} was written by a newer version"]
            expected = dict(listed["sha256"])
        except FileNotFoundError:
            return [f"{LISTED} is missing"]
        except (OSError, ValueError, TypeError, KeyError):
            return [f"{LISTED} is damaged"]
        there = {file.name for file in folder.iterdir() if not file.name.startswith(".")}
        found = [f"{name} was added" for name in sorted(there - expected.keys() - {LISTED})]
    else:
        found = []
    for name, digest in expected.items():
        try:
            if file_digest(folder / name) != digest:
                found.append(f"{name} is not what was written")
        except FileNotFoundError:
            found.append(f"{name} is missing")
        except OSError as error:
            found.append(f"{name} cannot be read ({error.strerror})")
    return found


def check_converted(folder: Path, ref: str) -> Path:
    """Check a converted model before it is used.

    Parameters
    ----------
    folder : Path
        Where it was converted to.
    ref : str
        What an error calls the model.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    Unavailable
        Where a file is not what was written; the sentence says how to make it anew.
    """
    if found := faults(folder):
        raise Unavailable(f"The converted model {ref} is damaged ({found[0]}); delete {folder} to convert it again.")
    return folder
