"""Results of evaluations as the About page shows them: read from `docs/results/`, whatever is there. No Streamlit."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.reads import result_words
from dashboard.session.text import number
from fute_core.home import RESULTS

ORDER = (
    "retrieval", "fine-tuned", "claims", "coverage", "stability", "surrogates", "prompts", "prompts-shipped", "settle",
    "cover", "transfer",
)  # fmt: skip
LEFT_TO_TABLES = re.compile(
    r"kendall|rho|ndcg|ndcg_published|against_raw_accuracy_spearman|(pairs_)?halves_\d+_\w+|(pairs_)?rows_first_(50|250)"
)
FEWEST = 5
"""Cases below which a measure is left to the table of all numbers."""
WEAK_RANK = 0.7
"""Families whose own dataset has a mean reciprocal rank below are named as weak."""


@dataclass(frozen=True)
class Measured:
    """One measure: this product's estimate and the baselines', each a dict of value, low, high, chance and n."""

    title: str
    own: Mapping[str, Any]
    baselines: Mapping[str, Mapping[str, Any]]


def found() -> dict[str, dict[str, Any]]:
    """Every result that can be read, by name, the known ones first."""
    folder = RESULTS
    names = sorted((p.stem for p in folder.glob("*.json")) if folder.is_dir() else (), key=lambda n: (_rank(n), n))
    read = {name: _read(folder / f"{name}.json") for name in names}
    return {name: known for name, known in read.items() if known is not None}


def measures(result: str, known: Mapping[str, Any]) -> list[Measured]:
    """Its measures with their baselines; those of a part (such as a number of rows) under the part's name.

    What is told of very few cases is left to the table.
    """
    shown = []
    for part, values in [("", known), *_parts(known)]:
        baselines = values.get("baselines") or {}
        for name, own in sorted(_estimates(values), key=lambda pair: result_words.order(result, pair[0])):
            if not LEFT_TO_TABLES.fullmatch(name) and (part or own.get("n") is None or own["n"] >= FEWEST):
                beside = {b: of[name] for b, of in baselines.items() if is_estimate(of.get(name))}
                shown.append(Measured(result_words.title(result, name, part), own, beside))
    return shown


def side_by_side(result: str, known: Mapping[str, Any]) -> list[dict[str, str]]:
    """The few measures that answer a result's question, each with its parts side by side; none for most results."""
    parts = dict(_parts(known)) or _by_arity(known)
    rows = []
    for name in result_words.SIDE_BY_SIDE.get(result, ()):
        own = {part: values[name] for part, values in parts.items() if is_estimate(values.get(name))}
        if own:
            chances = dict.fromkeys(number(of["chance"]) for of in own.values() if of.get("chance") is not None)
            rows.append({
                "what": result_words.title(result, name),
                **{result_words.part_of(part): _with_interval(own[part]) if part in own else "–" for part in parts},
                "by chance": "; ".join(chances) or "–",
            })  # fmt: skip
    return rows


def _by_arity(known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Measures of single texts, and those of text pairs, whose names say so, under the same names."""
    prefix = result_words.PAIRS
    pairs = {name.removeprefix(prefix): own for name, own in known.items() if name.startswith(prefix)}
    return {"single": {name: own for name, own in known.items() if not name.startswith(prefix)}, "pairs": pairs}


def by_family(known: Mapping[str, Any]) -> list[tuple[str, float, int]]:
    """Family, mean reciprocal rank of a model's own dataset and number of models; the weakest first."""
    rows = [
        (family, own["value"], int(own.get("n") or 0))
        for family, values in (known.get("by_family") or {}).items()
        if is_estimate(own := values.get("mte_own_mrr"))
    ]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def rankings_by_family(known: Mapping[str, Any]) -> list[tuple[str, float, int]]:
    """Family, mean Spearman of its datasets' prompt rankings and number of datasets; the weakest first."""
    families: dict[str, list[float]] = {}
    for case in known.get("cases") or ():
        if isinstance(case.get("spearman"), int | float):
            families.setdefault(str(case.get("family")), []).append(case["spearman"])
    rows = [(family, sum(values) / len(values), len(values)) for family, values in families.items()]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def beaten_by(known: Mapping[str, Any], measure: str, fewer: bool = False) -> list[str]:
    """Baselines that do better than this product in a measure."""
    own = known.get(measure)
    if not is_estimate(own):
        return []
    sign = -1 if fewer else 1
    better = [
        (of[measure]["value"], name)
        for name, of in (known.get("baselines") or {}).items()
        if is_estimate(of.get(measure)) and sign * of[measure]["value"] > sign * own["value"]
    ]
    return [name for _, name in sorted(better, reverse=not fewer)]


def made_by(known: Mapping[str, Any]) -> str:
    """Command and versions in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in (known.get("versions") or {}).items())
    return f"Made by {known.get('command') or 'fute eval'}{f' with {versions}' if versions else ''}."


def table_text(name: str) -> str | None:
    """All its numbers as Markdown, or None."""
    path = RESULTS / f"{name}.md"
    return path.read_text("utf-8") if path.exists() else None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        known = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) else None


def _with_interval(own: Mapping[str, Any]) -> str:
    ends = (own.get("low"), own.get("high"))
    return number(own["value"]) + (f" ({number(ends[0])} to {number(ends[1])})" if None not in ends else "")


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _parts(known: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    skipped = ("by_family", "baselines", "versions")
    for name, value in known.items():
        if isinstance(value, Mapping) and name not in skipped and any(is_estimate(v) for v in value.values()):
            yield name, value


def _estimates(values: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, value) for name, value in values.items() if is_estimate(value)]


def is_estimate(value: Any) -> bool:
    """Whether something read from a result is a measure with its value."""
    return isinstance(value, Mapping) and isinstance(value.get("value"), int | float)
