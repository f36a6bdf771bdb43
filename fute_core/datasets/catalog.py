"""Finds datasets: shipped, in the user's own files, and on the Hub."""

import difflib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fute_core.arguments import whole_numbers
from fute_core.datasets.answer_pairs import answer_pairs
from fute_core.datasets.cells import read_texts
from fute_core.datasets.columns import choose_columns
from fute_core.datasets.files import ENDINGS
from fute_core.datasets.hub import read_hub
from fute_core.datasets.labelled import read_labelled
from fute_core.datasets.tables import Table, read_rows
from fute_core.datasets.targets import draw
from fute_core.errors import BadInput
from fute_core.home import DATA
from fute_core.tasks import TaskDataset

SHOWN_OF_CARD = ("title", "source", "licence", "cite", "language")


def shipped_datasets(folder: Path = DATA) -> dict[str, dict[str, Any]]:
    """Cards of the shipped datasets, or of a folder laid out like them.

    Parameters
    ----------
    folder : Path
        Has a `datasets.json` with the cards, and a file `datasets/NAME.jsonl` for each.

    Returns
    -------
    dict of str to dict
        For each name the card: title, family, labels, source, licence and the like, as far as they are known.

    Raises
    ------
    BadInput
        Where `datasets.json` is missing or no list of cards.
    """
    path = folder / "datasets.json"
    try:
        cards = _read_cards(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read ({error.strerror}); a folder of datasets has a datasets.json with one card each, "
            "and datasets/NAME.jsonl."
        ) from None
    return {name: dict(card) for name, card in cards.items()}


@lru_cache(maxsize=8)
def _read_cards(path: Path, changed: int) -> dict[str, dict[str, Any]]:
    try:
        cards = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is not valid JSON ({error}); it holds a list of cards.") from None
    if not isinstance(cards, list):
        raise BadInput(f"{path} does not hold a list of cards; write one object a dataset, with at least a name.")
    for number, card in enumerate(cards, 1):
        name = card.get("name") if isinstance(card, dict) else None
        if not isinstance(name, str) or not name or Path(name).name != name:
            raise BadInput(f"{path}, card {number} has no name that can be a file's; add one.")
        labels = card.get("labels", [])
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise BadInput(f"{path}, card {name!r}: labels are no list of texts; write them so, or leave them out.")
    return {card["name"]: card for card in cards}


def load_dataset(
    ref: str | Path,
    *,
    split: str | None = None,
    limit: int | None = None,
    seed: int = 0,
    text_column: str | None = None,
    text_pair_column: str | None = None,
    label_column: str | None = None,
    regression: bool | None = None,
    label_case: str | None = None,
    folder: Path = DATA,
) -> TaskDataset:
    """Load a dataset by shipped name, file, or Hub id; only a Hub id uses the network.

    Parameters
    ----------
    ref : str or Path
        Shipped name, file of one of `files.ENDINGS`, or Hub id (`org/name` or `org/name:config`). Questions with spans
        for answers, in the form of SQuAD, become pairs, see `answer_pairs`.
    split : str, optional
        A value of the rows' column `split`, or "all" for every row. By default "train" where there is one, else every
        row.
    limit : int, optional
        At most so many rows, drawn evenly over the labels; in file order.
    seed : int, default 0
        Seed of that draw; the same rows for the same seed.
    text_column, text_pair_column, label_column : str, optional
        Names of columns; by default those that content and name make plain, see `datasets.columns`.
    regression : bool, optional
        True reads labels as scores, False as classes. By default the column decides: numbers that are not whole, or
        more than 20 different ones other than 0 .. k-1, are scores.
    label_case : {"merge", "keep"}, optional
        Whether labels that differ in upper and lower case alone are one; by default that is asked about.
    folder : Path
        Where the shipped datasets are, see `shipped_datasets`.

    Returns
    -------
    TaskDataset
        Texts, targets, labels and what its card says.

    Raises
    ------
    BadInput
        For what is no dataset, for a file, row or label that cannot be read, and where two columns are plausible; names
        the place or the choice.
    Unavailable
        For a Hub id that cannot be fetched.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.load_dataset("sst2", limit=20)
    <Dataset 'sst2'; texts: 20; labels: negative 10, positive 10; family: sentiment>
    """
    whole_numbers(limit=limit)
    if limit is not None and limit < 1:
        raise BadInput(f"A limit of {limit} rows leaves nothing; give at least 2 a label.")
    cards = shipped_datasets(folder)
    card: Mapping[str, Any] = {}
    on_hub = False
    if str(ref) in cards:
        card = cards[str(ref)]
        name = card["name"]
        table = read_rows(folder / "datasets" / f"{name}.jsonl")
    elif (path := _local(str(ref), cards)) is not None:
        table, name = read_rows(path), path.stem
    else:
        table, name, card = read_hub(str(ref), split or "train")
        on_hub = True
    chosen = {column for column in (text_column, text_pair_column, label_column) if column is not None}
    if not (chosen and chosen <= set(table.columns)):  # who names columns of the file wants these
        table = answer_pairs(table)
    columns = choose_columns(table, text_column, text_pair_column, label_column)
    assert columns.text is not None
    index = list(range(len(table.rows))) if on_hub else _of_split(table, split)
    if regression is None and card.get("regression"):
        regression = True
    read = read_labelled(
        table, index, columns, regression=regression, known=card.get("labels"), label_case=label_case
    )  # fmt: skip
    keep = draw(read.values, limit, seed, scores=read.scores)
    texts = read_texts(table, [read.index[i] for i in keep], columns.text, columns.text_pair)
    shown = {k: card[k] for k in SHOWN_OF_CARD if k in card}
    places = {"text": columns.text, "text_pair": columns.text_pair, "label": columns.label}
    return TaskDataset(
        name, tuple(texts), read.targets[keep], read.labels, card.get("family"), shown, places,
        {**table.dropped, **read.dropped},
        (*table.notes, *columns.notes, *read.notes),
    )  # fmt: skip


def _local(ref: str, cards: Mapping[str, Any]) -> Path | None:
    """The file that `ref` means, or None for what can only be a Hub id. Raises BadInput for what is neither."""
    try:
        path = Path(ref).expanduser()
        there = path.exists()
    except (OSError, RuntimeError, ValueError):
        raise BadInput(f"{ref[:80]!r} is no file name; give a shipped name, a file or a Hub id.") from None
    if there:
        return path
    named_as_file = path.suffix.lower() in ENDINGS or ref.startswith((".", "/", "~"))
    if not named_as_file and ref.count("/") == 1 and all(part.strip() for part in ref.split("/")):
        return None
    beside = sorted(f.name for f in path.parent.glob("*") if f.suffix.lower() in ENDINGS) if named_as_file else []
    near = difflib.get_close_matches(path.name, beside, 1) or difflib.get_close_matches(path.stem.lower(), cards, 1)
    guess = f"did you mean {near[0]!r}?" if near else "`fute list datasets` shows those that are shipped."
    raise BadInput(f"No dataset {ref[:80]!r} is shipped and no such file exists; {guess}")


def _of_split(table: Table, split: str | None) -> list[int]:
    """Indices of the rows of a split."""
    everything = list(range(len(table.rows)))
    if split == "all":
        return everything
    if "split" not in table.columns:
        if split not in (None, "train"):
            raise BadInput(f"{table.file} has no column 'split', so no split {split!r} can be taken; leave it out.")
        return everything
    of_row = [str(row.get("split")) for row in table.rows]
    wanted = split or ("train" if "train" in of_row else None)
    if wanted is None:
        return everything
    index = [i for i in everything if of_row[i] == wanted]
    if not index:
        there = ", ".join(sorted(set(of_row))[:8])
        raise BadInput(f"{table.file} has no split {wanted!r}; choose one of {there}, or all.")
    return index
