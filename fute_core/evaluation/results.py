"""What an evaluation found, as tables: to a person in Markdown, to a machine in JSON, with what made it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fute_core.embedding.pipelines import versions
from fute_core.errors import Unavailable
from fute_core.evaluation.metrics import Estimate
from fute_core.home import INSTALLED, RESULTS, write_whole

WRITTEN = Path("results") if INSTALLED else RESULTS
"""Where results go by default: a checkout renews what it ships, an installed package writes where the user is."""
ESTIMATE_COLUMNS = ("measure", "value", "low", "high", "chance", "n")


@dataclass(frozen=True)
class Table:
    """rows : cells of text, numbers or None, one a column. note : what to know when reading it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Result:
    """name : of the files. values : what `--json` prints; Estimates become objects. tables : the same to read."""

    name: str
    title: str
    values: Mapping[str, Any]
    tables: tuple[Table, ...]
    remarks: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return {**_plain(self.values), "remarks": list(self.remarks)}


def estimates_table(title: str, values: Mapping[str, Estimate], note: str = "") -> Table:
    """One row a measure, with interval, chance and number."""
    rows = [(name.replace("_", " "), v.value, v.low, v.high, v.chance, v.n) for name, v in values.items()]
    return Table(title, ESTIMATE_COLUMNS, tuple(rows), note)


def write_result(result: Result, command: str, folder: Path | str = WRITTEN) -> tuple[Path, Path]:
    """Write NAME.md and NAME.json into `folder`, each whole or not at all. Raises Unavailable where it cannot."""
    folder = Path(folder)
    made_by = {"command": command, "versions": versions()}
    document = {"title": result.title, **made_by, **result.as_json()}
    paths = folder / f"{result.name}.md", folder / f"{result.name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(
            paths, (markdown(result, **made_by), json.dumps(document, indent=1, ensure_ascii=False) + "\n"), strict=True
        ):
            write_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written ({error.strerror}); name another folder with --out.") from None
    return paths


def markdown(result: Result, command: str, versions: Mapping[str, str]) -> str:
    """The result as a Markdown page."""
    used = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [f"# {result.title}", "", f"Made by `{command}` with {used}.", ""]
    lines += [f"- {remark}" for remark in result.remarks]
    for table in result.tables:
        lines += ["", f"## {table.title}", ""]
        if table.note:
            lines += [table.note, ""]
        lines += [_line(table.columns), _line("---" for _ in table.columns)]
        lines += [_line(cell_text(cell) for cell in row) for row in table.rows]
    return "\n".join(lines) + "\n"


def cell_text(value: Any) -> str:
    if value is None or value != value:  # NaN: nothing to average
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _line(cells) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _plain(value: Any) -> Any:
    """Estimates as objects, numbers of NumPy as Python's, NaN as null."""
    if isinstance(value, Estimate):
        return value.as_json()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return round(value, 4) if value == value else None
    return value
