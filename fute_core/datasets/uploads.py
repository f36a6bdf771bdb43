"""Files that users bring through the dashboard, kept by the digest of their content.

`fute_home()/uploads/<digest><ending>` is the file, `<digest>.json` beside it the card. The name that a client sent is
shown and never becomes a path, so nothing is overwritten by name; the same content comes in once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from fute_core.datasets.answer_pairs import answer_pairs
from fute_core.datasets.files import ENDINGS, MAX_FILE_BYTES
from fute_core.datasets.tables import Table, read_rows
from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home, how_to_write, private_folder, write_whole

TEMPLATE_ENDINGS = (".yaml", ".yml", ".jinja", ".jinja2", ".j2", ".txt")


@dataclass(frozen=True)
class Upload:
    """A kept file with what the user has said about it.

    Parameters
    ----------
    digest : str
        Digest of the content, which the file is named by.
    path : Path
        The file.
    title : str
        What the user calls it; at first the client's file name without its ending.
    columns : mapping of str
        `text_column`, `text_pair_column`, `label_column` and `regression`, as far as chosen.
    family : str, optional
        Kind of task.
    pair : bool, default False
        Texts come in pairs.
    """

    digest: str
    path: Path
    title: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    family: str | None = None
    pair: bool = False


def uploads_folder() -> Path:
    """Where uploads and their cards are kept.

    Returns
    -------
    Path
        A folder in `fute_home()`; it may not exist yet.
    """
    return fute_home() / "uploads"


def keep(content: bytes, client_name: str, endings: tuple[str, ...] = ENDINGS) -> Path:
    """Write an upload under the digest of its content, whole or not at all; the same content is written once.

    Parameters
    ----------
    content : bytes
        The file.
    client_name : str
        Name that the client sent; only its ending counts.
    endings : tuple of str
        Endings that are taken.

    Returns
    -------
    Path
        The kept file.

    Raises
    ------
    BadInput
        For an empty file, another ending, or more than `files.MAX_FILE_BYTES`.
    Unavailable
        Where the disk refuses.
    """
    ending = Path(str(client_name).replace("\\", "/")).suffix.lower()
    if ending not in endings:
        raise BadInput(f"Files ending in {ending or 'nothing'} are not read; use {', '.join(endings)}.")
    if not content:
        raise BadInput("The file is empty; it needs at least one row.")
    if len(content) > MAX_FILE_BYTES:
        raise BadInput(f"The file has over {MAX_FILE_BYTES / 1e6:.0f} MB; give a sample of its rows.")
    path = uploads_folder() / f"{hashlib.sha256(content).hexdigest()[:32]}{ending}"
    if not path.exists():
        _write(path, content)
    return path


def remember(upload: Upload) -> None:
    """Write the card of an upload, so that `uploads` lists it.

    Parameters
    ----------
    upload : Upload
        A kept file.

    Raises
    ------
    Unavailable
        Where the disk refuses.
    """
    card = {**asdict(upload), "path": upload.path.name}
    _write(_card(upload.digest), json.dumps(card).encode())


def uploads() -> list[Upload]:
    """List all uploads that have a card; one whose file is gone, or whose card is damaged, is left out.

    Returns
    -------
    list of Upload
        By title, in upper or lower case.
    """
    found = []
    for file in uploads_folder().glob("*.json"):
        try:
            card = json.loads(file.read_text("utf-8"))
            path = uploads_folder() / Path(card["path"]).name
            if path.exists():
                found.append(Upload(**{**card, "path": path}))
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return sorted(found, key=lambda u: (u.title.casefold(), u.digest))


def known(digest: str) -> Upload | None:
    """Find the listed upload of some content.

    Parameters
    ----------
    digest : str
        Digest of the content.

    Returns
    -------
    Upload or None
        None where there is none.
    """
    return next((u for u in uploads() if u.digest == digest), None)


def forget(upload: Upload) -> None:
    """Remove a file and its card; embeddings made of it stay.

    Parameters
    ----------
    upload : Upload
        The upload.
    """
    _card(upload.digest).unlink(missing_ok=True)
    upload.path.unlink(missing_ok=True)


def title_of(client_name: str) -> str:
    """Choose what to call an upload at first.

    Parameters
    ----------
    client_name : str
        Name that the client sent.

    Returns
    -------
    str
        The name without folder and ending, in one line of at most 60 characters.
    """
    stem = Path(str(client_name).replace("\\", "/")).stem
    return " ".join(stem.split())[:60] or "my data"


def read(path: Path) -> Table:
    """Read an upload as `catalog.load_dataset` does; messages say "the file", not the digest that it is kept under.

    Parameters
    ----------
    path : Path
        The kept file.

    Returns
    -------
    Table
        Its rows, or pairs where it has questions with spans for answers.

    Raises
    ------
    BadInput
        As `tables.read_rows` and `answer_pairs` do.
    """
    try:
        table = answer_pairs(read_rows(path))
    except BadInput as error:
        raise BadInput(str(error).replace(str(path), "The file").replace(path.name, "The file")) from None
    notes = tuple(note.replace(path.name, "The file") for note in table.notes)
    return replace(table, file="The file", notes=notes)


def _card(digest: str) -> Path:
    if not digest.isalnum():
        raise BadInput("There is no such upload; see the list of datasets.")
    return uploads_folder() / f"{digest}.json"


def _write(path: Path, content: bytes) -> None:
    try:
        private_folder(path.parent)
        write_whole(path, content, private=True)
    except OSError as error:
        raise Unavailable(
            f"The upload cannot be kept ({error.strerror}); {how_to_write(error)} and try again."
        ) from error
