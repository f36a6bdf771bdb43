"""What visitors uploaded: their datasets, cards that cannot be read, and files that nothing uses."""

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fute_core.declared import checked
from fute_core.errors import BadInput, Unavailable
from fute_core.home import read_json_file

if TYPE_CHECKING:
    from fute_core.datasets.uploads import Upload

UNUSED_SECONDS = 3600
"""So long a chosen file is kept while its form is filled in."""
COLUMNS = ("text_column", "text_pair_column", "label_column", "regression", "label_case")


def keep(content: bytes, client_name: str) -> Path:
    """Keep a table; one that ends in .json under an ending of its own, since that is where its card will lie.

    Raises what `uploads.keep` does.
    """
    from fute_core.datasets import uploads

    return uploads.keep(content, f"{client_name}l" if client_name.lower().endswith(".json") else client_name)


def listed() -> list["Upload"]:
    """Uploads whose card and file are sound, by title."""
    return sorted((u for _, u in _cards() if u is not None), key=lambda u: (u.title.casefold(), u.digest))


def broken() -> list[str]:
    """Names of cards that cannot be read, or whose file is gone; `remove_broken` takes them."""
    return [name for name, upload in _cards() if upload is None]


def known(digest: str) -> "Upload | None":
    """The listed upload of some content."""
    return next((u for u in listed() if u.digest == digest), None)


def remove_broken(name: str) -> None:
    """One of `broken`, for good, with the file it belongs to. Raises BadInput where it is none of them any more."""
    if name not in broken():
        raise BadInput(f"There is no damaged upload {name!r}; open the page again.")
    folder = _folder()
    _remove(folder / name)
    for path in folder.glob(f"{Path(name).stem}.*"):
        _remove(path)


def forget_unused(older_than: float = UNUSED_SECONDS) -> int:
    """Remove files that were chosen in a form and used by nothing since: no card has them and no job. Returns how many.

    Where a job cannot be read, which files it names is not known, so nothing is removed.

    older_than : seconds since they came in.
    """
    from fute_core.jobs import all_jobs

    jobs, damaged = all_jobs()
    if damaged:
        return 0
    kept = {u.path.name for u in listed()} | {Path(item.request.ref).name for job in jobs for item in job.items}
    cards = {Path(name).stem for name, _ in _cards()}
    gone = 0
    for path in _folder().glob("*"):
        used = path.name in kept or path.stem in cards or path.is_symlink() or not path.is_file()
        if not used and time.time() - path.stat().st_mtime >= older_than:
            _remove(path)
            gone += 1
    return gone


def _cards() -> list[tuple[str, "Upload | None"]]:
    return [(path.name, _card(path)) for path in sorted(_folder().glob("*.json"))]


def _card(path: Path) -> "Upload | None":
    from fute_core.datasets.uploads import Upload

    try:
        card = read_json_file(path)
        file = path.parent / Path(card["path"]).name
        upload = checked(Upload(**{**card, "path": file}))
        plain = all(v is None or isinstance(v, str | bool) for v in upload.columns.values())
        own = upload.digest == path.stem == file.stem and file != path and file.is_file()
        sound = own and plain and set(upload.columns) <= {*COLUMNS}
        upload.title.encode("utf-8")
        (upload.family or "").encode("utf-8")
    except Exception:  # whatever it is, it is not ours, and the other uploads are
        return None
    return upload if sound and upload.title.strip() else None


def _folder() -> Path:
    from fute_core.datasets.uploads import uploads_folder

    return uploads_folder()


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(
            f"{path.name} cannot be removed ({error.strerror}); check the folder {path.parent}."
        ) from error
