"""The numbers behind a figure, as rows of a table: read off its plotly JSON."""

import base64
import csv
import html
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fute_core.errors import BadInput

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]\d*\.?\d+(?:[eE][+-]?\d+)?")
"""A number as text: it starts like a formula, is none, and would be no number any more behind an apostrophe."""


UNREADABLE = "This figure cannot be read; pin it again."


def parsed(content: str) -> dict[str, Any]:
    """Read a figure.

    Parameters
    ----------
    content : str
        A figure as plotly JSON.

    Returns
    -------
    dict
        {"data": traces, "layout": layout}.

    Raises
    ------
    BadInput
        For what is no plotly JSON.
    """
    try:
        known = json.loads(content)
        return {"data": [dict(t) for t in known["data"]], "layout": dict(known["layout"])}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(UNREADABLE) from error


def figure_rows(content: str) -> list[dict[str, Any]]:
    """Read the numbers off a figure.

    Traces without points, such as keys of a legend, and lines that are only drawn (hover skipped) are left out.

    Parameters
    ----------
    content : str
        A figure as plotly JSON.

    Returns
    -------
    list of dict
        One row a point of a scatter or bar (id, series, x, y, z), one a row of a heatmap (its cells by column name).

    Raises
    ------
    BadInput
        For what is no plotly JSON.
    """
    figure = parsed(content)
    rows: list[dict[str, Any]] = []
    try:
        for trace in figure["data"]:
            if trace.get("type") == "heatmap":
                rows += _cells(trace, figure["layout"])
            elif trace.get("hoverinfo") != "skip":
                rows += _points(trace)
    except Exception as error:  # any JSON may stand where plotly has lists
        raise BadInput(UNREADABLE) from error
    return rows


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows as CSV; a text that a spreadsheet would take for a formula gets an apostrophe before it.

    Parameters
    ----------
    rows : sequence of mapping
        Values by column; a column that a row lacks stays empty.

    Returns
    -------
    str
        The table with its header; columns in the order in which they first appear.
    """
    columns = list(dict.fromkeys(column for row in rows for column in row))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([_safe(c) for c in columns])
    writer.writerows([_safe(row.get(c)) for c in columns] for row in rows)
    return buffer.getvalue()


def values(found: Any) -> list[Any]:
    """Read a plotly array, which is a list or base64 of raw numbers.

    Parameters
    ----------
    found : object
        The array as it stands in the figure.

    Returns
    -------
    list
        Its values as nested lists; empty for what is no array.
    """
    if isinstance(found, Mapping) and "bdata" in found:
        flat = np.frombuffer(base64.b64decode(found["bdata"]), np.dtype(found["dtype"]))
        shape = [int(n) for n in str(found.get("shape", len(flat))).split(",")]
        # What a float32 holds, without the tail that it gets as a float64.
        nested: list[Any] = json.loads(json.dumps(flat.reshape(shape).tolist()), parse_float=_seven_digits)
        return nested
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else []


def _seven_digits(number: str) -> float:
    return float(f"{float(number):.7g}")


def _points(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    axes = {axis: values(trace.get(axis)) for axis in ("x", "y", "z") if trace.get(axis) is not None}
    n = max(map(len, axes.values()), default=0)
    ids, name = values(trace.get("ids")), html.unescape(str(trace.get("name") or ""))
    rows = []
    for i in range(n):
        row = {"id": ids[i] if i < len(ids) else None, "series": name}
        row |= {axis: column[i] if i < len(column) else None for axis, column in axes.items()}
        if any(row[axis] is not None for axis in axes):
            rows.append({k: v for k, v in row.items() if v not in (None, "")})
    return rows


def _cells(trace: Mapping[str, Any], layout: Mapping[str, Any]) -> list[dict[str, Any]]:
    grid = values(trace.get("z"))
    width = max(map(len, grid), default=0)
    down, across = (_names(trace.get(a), layout.get(f"{a}axis") or {}, n) for a, n in (("y", len(grid)), ("x", width)))
    return [{"name": name, **dict(zip(across, line, strict=False))} for name, line in zip(down, grid, strict=True)]


def _names(own: Any, axis: Mapping[str, Any], n: int) -> list[str]:
    """Names along an axis: the trace's, the axis's labels, or numbers; twice the same gets a number."""
    found = values(own) or values(axis.get("ticktext"))
    names = [html.unescape(str(found[i])) if len(found) == n else str(i + 1) for i in range(n)]
    return [f"{name} ({names[:i].count(name) + 1})" if name in names[:i] else name for i, name in enumerate(names)]


def _safe(value: Any) -> Any:
    if value is None or value != value:  # what is no number has an empty cell
        return ""
    if isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value
