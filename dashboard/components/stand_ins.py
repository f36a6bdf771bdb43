"""The few datasets that stand for the rest: the list of them, what one stands for, and the curve by their number."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.components import details, marks, page
from dashboard.components.item_list import Row, item_list
from dashboard.reads import data
from dashboard.session.text import plural

if TYPE_CHECKING:
    import plotly.graph_objects as go

UNLIKE = "Alike to none of these"
"""Above those that no chosen dataset stands for."""
NAMED = 4
AXIS = {"fixedrange": True, "automargin": True, "gridcolor": "rgba(128,128,128,0.22)", "showline": False}
"""Fit for both themes."""
Found = Mapping[str, Any]


def group_of(found: Found, name: str) -> Mapping[str, Any] | None:
    """The chosen dataset that stands for the one of that name, or is it; None for one that nothing stands for."""
    return next(
        (one for one in found["chosen"] if name == one["name"] or name in {s["name"] for s in one["stands_for"]}), None
    )


def list_rows(found: Found, families: Mapping[str, str | None], opened: str, current: str) -> list[Row]:
    """The chosen ones with what they stand for, then those that none stands for.

    opened : the chosen one whose group is shown. current : the selected dataset.
    """
    rows = [
        Row(id=f"dataset:{one['name']}", kind="dataset", family=one["family"], name=one["name"], number=at,
            note=f"for {_some([s['name'] for s in one['stands_for']])}" if one["stands_for"] else "for itself alone",
            figure=str(len(one["stands_for"])), current=one["name"] == opened)
        for at, one in enumerate(found["chosen"], 1)
    ]  # fmt: skip
    unlike = [name for name in found["unlike"] if name not in {one["name"] for one in found["chosen"]}]
    rows += [
        Row(id=f"dataset:{name}", kind="dataset", family=families.get(name), name=name, dim=True,
            line=UNLIKE if at == 0 else "", current=name == current)
        for at, name in enumerate(unlike)
    ]  # fmt: skip
    return rows


def group(one: Mapping[str, Any], families: Mapping[str, str | None], current: str,
          on_pick: Callable[[str], None]) -> None:  # fmt: skip
    """What a chosen dataset stands for, the most similar first."""
    if not one["stands_for"]:
        page.quiet(f"No other dataset is alike to {one['name']}, so it stands for itself.")
        return
    page.eyebrow(f"{one['name']} stands for", "closer than")
    rows = [
        Row(id=f"dataset:{s['name']}", kind="dataset", family=families.get(s["name"]), name=s["name"],
            figure=data.percent(_share(s)), note=details.between(s["similarity"]),
            title=f"{s['name']}: {data.closer_than(_share(s))}", current=s["name"] == current)
        for s in one["stands_for"]
    ]  # fmt: skip
    item_list(rows, key="stands-for", label=f"What {one['name']} stands for", on_pick=on_pick)


def figure(curve: Sequence[Mapping[str, Any]], k: int, n: int, primary: str) -> "go.Figure":
    """How many datasets are stood for by so many, beside as many that are taken by lot; the chosen number is a dot."""
    import plotly.graph_objects as go

    drawn = go.Figure()
    numbers = [row["k"] for row in curve]
    lines = (("chosen", "alike", "coverage", primary, "solid"),
             ("by lot, on average", "alike_by_lot", "coverage_by_lot", marks.colour(None), "dot"))  # fmt: skip
    for name, alike, coverage, colour, dash in lines:
        drawn.add_scatter(
            x=numbers, y=[row[alike] for row in curve], name=name, mode="lines", line={"color": colour, "dash": dash},
            customdata=[f"{row[coverage]:.2f}" for row in curve],
            hovertemplate="%{y} stood for by %{x} " + name
            + "<br>mean similarity to the nearest of them %{customdata}<extra></extra>",
        )  # fmt: skip
    at = next((row for row in curve if row["k"] == k), None)
    if at is not None:
        drawn.add_scatter(x=[k], y=[at["alike"]], mode="markers", showlegend=False, hoverinfo="skip",
                          marker={"size": 10, "color": primary})  # fmt: skip
    drawn.update_layout(
        height=250, margin={"l": 8, "r": 8, "t": 8, "b": 8}, paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={**AXIS, "title": "Datasets chosen", "dtick": 1, "zeroline": False},
        yaxis={**AXIS, "title": f"Stood for, of {n}", "rangemode": "tozero", "range": [0, n * 1.04]},
        dragmode=False,
    )  # fmt: skip
    return drawn


def table(found: Found, families: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """A row a dataset: which of the chosen ones stands for it, how similar it is, and what it repeats."""
    repeats = {row["name"]: row["repeats"] for row in found["redundant"]}
    rows: list[dict[str, Any]] = []
    for one in found["chosen"]:
        rows.append({"dataset": one["name"], "stood for by": one["name"], "similarity": 1.0, "closer than": ""})
        rows += [
            {"dataset": s["name"], "stood for by": one["name"], "similarity": s["similarity"],
             "closer than": data.percent(_share(s))}
            for s in one["stands_for"]
        ]  # fmt: skip
    there = {row["dataset"] for row in rows}
    rows += [{"dataset": name, "stood for by": "", "similarity": None, "closer than": ""}
             for name in found["unlike"] if name not in there]  # fmt: skip
    return [{**row, "family": families.get(row["dataset"]) or "", "redundant beside": repeats.get(row["dataset"], "")}
            for row in rows]  # fmt: skip


def said(found: Found) -> str:
    """How many are stood for, and by what measure."""
    alone = len(found["unlike"])
    return (
        f"{found['n'] - alone:,} of {plural(found['n'], 'dataset')} are alike to one of these {found['k']}, "
        f"{alone:,} to none. Alike: closer than 95 % of different-job pairs."
    )


def _share(row: Mapping[str, Any]) -> float:
    return float("nan") if row["share"] is None else row["share"]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
