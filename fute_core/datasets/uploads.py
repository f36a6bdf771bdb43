"""Files that users bring through the dashboard: kept by the digest of their content, and looked at before use.

`fute_home()/uploads/<digest><ending>` is the file, `<digest>.json` beside it the card. The name that a client sent is
shown and never becomes a path, so nothing is overwritten by name; the same content comes in once.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fute_core.datasets.columns import are_scores, choose_columns, class_targets, read_labels, read_texts, score_targets
from fute_core.datasets.tables import ENDINGS, MAX_FILE_BYTES, Table, read_rows
from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home, write_whole

FEW_ROWS = 100
FEW_A_LABEL = 10
LOPSIDED = 10
LONG_CHARACTERS = 600
"""Beyond this a text is probably cut: the surrogate reads 128 tokens."""
TEMPLATE_ENDINGS = (".yaml", ".yml", ".jinja", ".jinja2", ".j2", ".txt")


@dataclass(frozen=True)
class Upload:
    """A kept file. title : what the user calls it; at first the client's file name without its ending.

    columns : text_column, text_pair_column, label_column and regression, as far as chosen. family : kind of task.
    """

    digest: str
    path: Path
    title: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    family: str | None = None
    pair: bool = False


@dataclass(frozen=True)
class Preview:
    """What a table would be as a dataset.

    columns : all there are. text, text_pair, label : those meant. labels : rows a label, the commonest first; empty
    for scores. rows : the first few, as text, text_pair, label. warnings : sentences, none of which stops anything.
    """

    columns: tuple[str, ...]
    text: str
    text_pair: str | None
    label: str
    n_rows: int
    regression: bool
    labels: dict[str, int]
    rows: list[dict[str, str]]
    warnings: tuple[str, ...]

    @property
    def pair(self) -> bool:
        return self.text_pair is not None


def uploads_folder() -> Path:
    return fute_home() / "uploads"


def keep(content: bytes, client_name: str, endings: tuple[str, ...] = ENDINGS) -> Path:
    """Write an upload under the digest of its content, whole or not at all; the path of what was there already else.

    client_name : only its ending counts. Raises BadInput for an empty file, a wrong ending or one that is too large,
    Unavailable where the disk refuses.
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
    """Write the card that lists the upload. Raises Unavailable where the disk refuses."""
    card = {**asdict(upload), "path": upload.path.name}
    _write(_card(upload.digest), json.dumps(card).encode())


def uploads() -> list[Upload]:
    """All listed uploads, by title; a card whose file is gone is left out."""
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
    """The listed upload of that content, or None."""
    return next((u for u in uploads() if u.digest == digest), None)


def forget(upload: Upload) -> None:
    """Remove the file and its card; embeddings made of it stay."""
    _card(upload.digest).unlink(missing_ok=True)
    upload.path.unlink(missing_ok=True)


def title_of(client_name: str) -> str:
    """What to call an upload at first: the file's name without folder and ending, in one line."""
    stem = Path(str(client_name).replace("\\", "/")).stem
    return " ".join(stem.split())[:60] or "my data"


def preview(
    table: Table, *, text: str | None = None, text_pair: str | None = None, label: str | None = None,
    regression: bool | None = None, shown: int = 6,
) -> Preview:  # fmt: skip
    """How a table reads with these columns, else with the usual ones. Raises BadInput as `load_dataset` does."""
    first, second, third = choose_columns(table, text, text_pair, label)
    index = range(len(table.rows))
    values = read_labels(table, index, third)
    scores = are_scores(values) if regression is None else regression
    counts = {} if scores else dict(Counter(map(_label, values)).most_common())
    if scores:
        score_targets(table, index, third, values)
    else:
        class_targets(table, third, values, None)
    texts = read_texts(table, index, first, second)
    rows = [
        {"text": t[0] if isinstance(t, tuple) else t, "text_pair": t[1] if isinstance(t, tuple) else "",
         "label": _label(values[i])}
        for i, t in enumerate(texts[:shown])
    ]  # fmt: skip
    return Preview(
        table.columns, first, second, third, len(table.rows), scores, counts, rows,
        _warnings(texts, counts),
    )  # fmt: skip


def read(path: Path) -> Table:
    """`read_rows`, telling of "the file" and not of the digest that it is kept under."""
    try:
        table = read_rows(path)
    except BadInput as error:
        raise BadInput(str(error).replace(str(path), "The file").replace(path.name, "The file")) from None
    return Table("The file", table.columns, table.rows, table.lines)


def _warnings(texts: list, counts: dict[str, int]) -> tuple[str, ...]:
    told = []
    if len(texts) < FEW_ROWS:
        told.append(f"Only {len(texts):,} rows: the embedding will be rough; a few hundred make it stable.")
    rare = [name for name, n in counts.items() if n < FEW_A_LABEL]
    if rare:
        shown = ", ".join(rare[:3]) + (f" and {len(rare) - 3} more" if len(rare) > 3 else "")
        told.append(f"Few rows with {shown}: under {FEW_A_LABEL} a label say little about it.")
    if counts and max(counts.values()) > LOPSIDED * min(counts.values()):
        told.append("Labels are lopsided; rows are drawn evenly over the labels as far as they go.")
    if repeated := len(texts) - len(set(texts)):
        told.append(f"{repeated:,} rows repeat the text of another one.")
    joined = [t if isinstance(t, str) else " ".join(t) for t in texts]
    if long := sum(len(t) > LONG_CHARACTERS for t in joined):
        told.append(f"{long:,} texts are long; only the first 128 tokens of a text are read.")
    return tuple(told)


def _label(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{int(value)}" if value == int(value) else f"{value:g}"


def _card(digest: str) -> Path:
    if not digest.isalnum():
        raise BadInput("There is no such upload; see the list of datasets.")
    return uploads_folder() / f"{digest}.json"


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        raise Unavailable(f"The upload cannot be kept ({error.strerror}); free some room and try again.") from error
