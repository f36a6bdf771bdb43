"""Finds datasets and models: shipped, in the user's own files and folders, and on the Hub."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from fute_core.datasets.columns import (
    are_scores,
    choose_columns,
    class_targets,
    draw,
    has_label,
    read_labels,
    read_texts,
    score_targets,
)
from fute_core.datasets.tables import ENDINGS, MAX_FILE_BYTES, Table, read_rows
from fute_core.errors import BadInput, Unavailable
from fute_core.home import DATA
from fute_core.tasks import TaskDataset

SHOWN_OF_CARD = ("title", "source", "licence", "cite", "language")


def shipped_datasets(folder: Path = DATA) -> dict[str, dict[str, Any]]:
    """Cards by name, of the shipped datasets or of a folder laid out like them."""
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
    folder: Path = DATA,
) -> TaskDataset:
    """A dataset by shipped name, file, or Hub id (`org/name` or `org/name:config`); only a Hub id uses the network.

    split : a value of the rows' `split`; None takes "train" where there is one, else every row; "all" takes every row.
    limit : at most so many rows, drawn evenly over the labels; the same for the same seed, in file order.
    regression : True reads labels as scores, False as classes; None decides by the column: numbers that are not whole,
        or more than 20 different ones other than 0 .. k-1, are scores.

    Raises BadInput for a file that cannot be read so, Unavailable for a Hub id that cannot be fetched.
    """
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
        table, name, card = _from_hub(str(ref), split or "train")
        on_hub = True
    first, second, label = choose_columns(table, text_column, text_pair_column, label_column)
    index = list(range(len(table.rows))) if on_hub else _of_split(table, split)
    if on_hub:  # its owner marks what nobody agreed on with -1, and the user has no file to mend
        index = [i for i in index if has_label(table.rows[i], label)]
    values = read_labels(table, index, label)
    known = card.get("labels")
    scores = not known and are_scores(values) if regression is None else regression
    labels, targets = ((), score_targets(table, index, label, values)) if scores else class_targets(
        table, label, values, known
    )  # fmt: skip
    keep = draw(values, limit, seed, scores=scores)
    texts = read_texts(table, [index[i] for i in keep], first, second)
    shown = {k: card[k] for k in SHOWN_OF_CARD if k in card}
    columns = {"text": first, "text_pair": second, "label": label}
    return TaskDataset(name, tuple(texts), targets[keep], labels, card.get("family"), shown, columns)


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


def _from_hub(ref: str, split: str) -> tuple[Table, str, dict[str, Any]]:
    """A split of a Hub dataset, or all, from the Hub's own Parquet copy, its name and card; no script of it is run."""
    from huggingface_hub import HfApi, hf_hub_download

    repo, _, config = ref.partition(":")
    where: dict[str, Any] = {"repo_type": "dataset", "revision": "refs/convert/parquet"}
    try:
        api = HfApi()
        licence = (api.dataset_info(repo).card_data or {}).get("license")
        tree = api.list_repo_tree(repo, recursive=True, **where)
        sizes = {f.path: f.size for f in tree if f.path.endswith(".parquet")}
        config = _hub_config(repo, config, sizes)
        files = sorted(f for f in sizes if f.startswith(f"{config}/" if split == "all" else f"{config}/{split}/"))
        if not files:
            there = ", ".join(sorted({f.split("/")[1] for f in sizes if f.startswith(f"{config}/")}))
            raise BadInput(f"Hub dataset {ref!r} has no split {split!r}; choose one of {there}, or all.")
        if (total := sum(sizes[f] for f in files)) > MAX_FILE_BYTES:
            raise BadInput(
                f"Split {split!r} of Hub dataset {ref!r} has {total / 1e6:.0f} MB, and over {MAX_FILE_BYTES / 1e6:.0f} "
                "MB are not read; save a sample of it as a file."
            )
        paths = [Path(hf_hub_download(repo, file, **where)) for file in files]
    except BadInput:
        raise
    except Exception as error:  # the hub client raises from several libraries: all mean that it is not to be had
        raise Unavailable(
            f"Dataset {ref!r} is no shipped name and no file, and could not be fetched from the Hub "
            f"({type(error).__name__}); check the id and the network."
        ) from error
    tables = [read_rows(path) for path in paths]
    table = replace(tables[0], file=ref, rows=[row for t in tables for row in t.rows])
    card = {"title": repo, "source": f"https://huggingface.co/datasets/{repo}"}
    return table, repo.split("/")[1], {**card, "licence": licence} if licence else card


def _hub_config(repo: str, config: str, files: Mapping[str, int]) -> str:
    there = sorted({f.split("/")[0] for f in files})
    if config in there:
        return config
    if not config and "default" in there:
        return "default"
    if not config and len(there) == 1:
        return there[0]
    raise BadInput(
        f"Hub dataset {repo!r} has {f'no configuration {config!r}' if config else 'several configurations'}; "
        f"name one as {repo}:NAME, of {', '.join(there[:12]) or 'which it has none'}."
    )
