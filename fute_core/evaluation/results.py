"""What an evaluation found, as tables: to a person in Markdown, to a machine in JSON, with what made it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fute_core.embedding.versions import versions
from fute_core.errors import Unavailable
from fute_core.evaluation.estimates import Estimate
from fute_core.home import INSTALLED, RESULTS, write_whole

WRITTEN = Path("results") if INSTALLED else RESULTS
"""Where results go by default: a checkout renews what it ships, an installed package writes where the user is."""
ESTIMATE_COLUMNS = ("measure", "value", "low", "high", "chance", "n")


@dataclass(frozen=True)
class ResultTable:
    """A table of results.

    Parameters
    ----------
    title : str
        Heading.
    columns : tuple of str
        Heads of the columns.
    rows : tuple of tuples
        Cells of text, numbers or None, one a column.
    note : str
        What to know when reading it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Result:
    """What one evaluation found.

    Parameters
    ----------
    name : str
        Of the files that it is written to.
    title : str
        Heading.
    values : mapping of str to object
        What `--json` prints: numbers, texts, Estimates, and mappings and sequences of them.
    tables : tuple of ResultTable
        The same to read.
    remarks : tuple of str
        How it was measured, a sentence each.
    """

    name: str
    title: str
    values: Mapping[str, Any]
    tables: tuple[ResultTable, ...]
    remarks: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Give values and remarks as JSON values.

        Returns
        -------
        dict of str to object
            Estimates as objects, numbers rounded to four digits, None in place of NaN.
        """
        return {**_plain(self.values), "remarks": list(self.remarks)}


def estimates_table(title: str, values: Mapping[str, Estimate], note: str = "") -> ResultTable:
    """Lay out estimates, one row a measure.

    Parameters
    ----------
    title : str
        Heading.
    values : mapping of str to Estimate
        By the name of the measure.
    note : str
        What to know when reading it.

    Returns
    -------
    ResultTable
        With the columns `ESTIMATE_COLUMNS`.
    """
    rows = [(name.replace("_", " "), v.value, v.low, v.high, v.chance, v.n) for name, v in values.items()]
    return ResultTable(title, ESTIMATE_COLUMNS, tuple(rows), note)


def intervals_table(title: str, first: str, found: Mapping[str, Mapping[str, Estimate]], note: str = "") -> ResultTable:
    """Lay out what has the same few measures each: a line each, with every measure beside its interval.

    Parameters
    ----------
    title : str
        Heading.
    first : str
        What the lines are of, as a heading.
    found : mapping of str to mapping of str to Estimate
        By the name of the line and of the measure, one line at least.
    note : str
        What to know when reading it.

    Returns
    -------
    ResultTable
        With columns `low` and `high` after each measure.
    """
    measures = next(iter(found.values()))
    columns = (first, *(column for measure in measures for column in (measure, "low", "high")))
    rows = tuple(
        (name, *(value for e in of.values() for value in (e.value, e.low, e.high))) for name, of in found.items()
    )
    return ResultTable(title, columns, rows, note)


def write_result(result: Result, command: str, folder: Path | str = WRITTEN) -> tuple[Path, Path]:
    """Write a result as NAME.md and NAME.json, each whole or not at all.

    Parameters
    ----------
    result : Result
        What is written.
    command : str
        The command that made it, as it was typed.
    folder : Path or str
        Where to write; made where it is missing.

    Returns
    -------
    tuple of two Paths
        The Markdown page and the JSON file.

    Raises
    ------
    Unavailable
        The folder cannot be written.
    """
    folder = Path(folder)
    used = versions()
    document = {"title": result.title, "command": command, "versions": used, **result.as_json()}
    paths = folder / f"{result.name}.md", folder / f"{result.name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(
            paths,
            (markdown(result, command, used), json.dumps(document, indent=1, ensure_ascii=False) + "\n"),
            strict=True,
        ):
            write_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written ({error.strerror}); name another folder with --out.") from None
    return paths


def markdown(result: Result, command: str, versions: Mapping[str, str]) -> str:
    """Lay out a result as a Markdown page.

    Parameters
    ----------
    result : Result
        What is shown.
    command : str
        The command that made it.
    versions : mapping of str to str
        Of the libraries that made it, by name.

    Returns
    -------
    str
        The page.
    """
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


def cell_text(value: object) -> str:
    """Write one cell of a table.

    Parameters
    ----------
    value : object
        Text, number or None.

    Returns
    -------
    str
        Three digits after the point for a float; a dash for None and NaN, where there was nothing to average.
    """
    if value is None or value != value:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _line(cells: Iterable[object]) -> str:
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
