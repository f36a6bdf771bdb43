"""Around the grid of prompts by models: what its cells show, the texts behind two of them, and asking a missing one."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.components import evidence, page, prompt_price
from dashboard.components.dots import Dot, dots
from dashboard.components.grid_table import Shown
from dashboard.reads import costs, data, grid, ranks
from dashboard.session import said
from dashboard.session.filtering import item_id
from dashboard.session.text import html_text, md, number, plural
from fute_core.analysis.first_answers import differing_texts, same_answers
from fute_core.analysis.grid_words import effects_words, percent
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.analysis.grid import Cell, Grid
    from fute_core.analysis.ranking import Selection
    from fute_core.atlas.atlas import Atlas

TEXTS = 5


def cells(
    of: "Grid",
    show: str,
    selection: "Selection | None",
    running: set[str],
    selected: Sequence[str],
    missing: tuple[str, str] | None,
) -> list[list[Shown]]:
    """What each cell shows, row by row. missing : the missing cell that is open."""
    ranked = {r.name: r for r in selection.ranking} if selection else {}
    picked = [i for i in selected if i in {item_id(c.item) for c in of.cells.values()}][-2:]

    def shown(prompt: str, model: str) -> Shown:
        cell = of.cells.get((prompt, model))
        if cell is None:
            if f"{prompt} @ {costs.Model(model).shown}" in running:
                return {"kind": "running", "main": "being asked", "title": "being asked now"}
            return {"kind": "missing", "main": "not asked", "title": "not asked yet; click to see what asking costs",
                    "picked": (prompt, model) == missing}  # fmt: skip
        return {**numbers(cell, show, of, ranked), "picked": item_id(cell.item) in picked}

    return [[shown(prompt, model) for model in of.models] for prompt in of.prompts]


def numbers(cell: "Cell", show: str, of: "Grid", ranked: Mapping[str, Any]) -> Shown:
    """The numbers of a cell that was asked."""
    found = ranked.get(cell.item.embedding.name)
    agrees = ranks.agreement_words(found) if found else ""
    if show == "agreement":
        if found is None:
            return {"kind": "plain", "main": "…", "title": "agreement is not known"}
        return {"kind": "known", "main": number(found.agreement), "strength": max(found.agreement, 0.0),
                "group": found.group, "title": agrees}  # fmt: skip
    if not cell.rows:
        return {"kind": "plain", "main": "not measured",
                "note": f"agreement {number(found.agreement)}" if found else "",
                "title": f"asked, but not measured on labelled rows{f'; {agrees}' if agrees else ''}"}  # fmt: skip
    interval = f"{100 * cell.low:.0f} to {percent(cell.high)}"
    return {"kind": "known", "main": percent(cell.accuracy), "note": f"{100 * cell.low:.0f} to {100 * cell.high:.0f}",
            "strength": max(cell.skill, 0.0), "group": of.groups[cell.prompt, cell.model],
            "title": f"accuracy {percent(cell.accuracy)}, 95 % interval {interval}, {cell.rows} rows"}  # fmt: skip


def legend(of: "Grid", show: str, selection: "Selection | None") -> str:
    """What the numbers are."""
    groups = "Cells with one small number belong to one group: none of it can be told from the best of it."
    if show == "agreement":
        many = f" on {selection.n_texts:,} probe texts" if selection else ""
        return (
            f"How far the answers{many} agree with the dataset's, and by a fifth with those of the other cells, from "
            f"\u22121 to 1; no labelled row is used. {groups}"
        )
    if not of.measured:
        return "None of these prompts was measured on labelled rows of this dataset; agreement needs none."
    return f"Accuracy on labelled rows, a mean over labels, and below it the 95 % interval; guessing is pale. {groups}"


@st.fragment(run_every=0.7)
def until_there(look: Callable[[], object]) -> None:
    """Says that agreement is computed; the page runs again once it is there."""
    if look() is not None:
        said.rerun()
    page.quiet("Agreement is being computed.")


@st.fragment(run_every=1.5)
def watched(running: set[str]) -> None:
    """The page runs again when a prompt that was being asked is done, or another one is asked."""
    if grid.running() != running:
        said.rerun()


def with_agreement(rows: list[dict[str, Any]], selection: "Selection | None") -> list[dict[str, Any]]:
    """The rows of a file: where agreement was computed it has a column."""
    if selection is None:
        return rows
    known = {r.name: round(r.agreement, 4) for r in selection.ranking}
    return [{**row, "agreement": known.get(row["name"])} for row in rows]


def offer(of: "Grid", prompt: str, model: str, install: str, *, on_close: Callable[[], None]) -> None:
    """What asking a missing cell costs, and the button that starts it. install : the line that a model needs first."""
    with st.container(key="card-offer"):
        page.section(f"{prompt} on {model}", "Not asked yet.")
        ask = grid.asked(of, prompt, model)
        if install:
            page.quiet(f"{model} is not installed; install it, and start the dashboard again:")
            st.code(install, language=None, wrap_lines=True)
        elif ask is None:
            page.quiet(
                "The text of this prompt is not known here any more, or its model is at an endpoint; ask it in the "
                "Prompt lab under this name."
            )
        else:
            n = len(data.atlas(ask.template.pair).probes.texts)
            prompt_price.price([ask.template], costs.Model(model), n)
            page.quiet(
                "The model answers the probe texts. That tells where the prompt lands and how far it agrees with the "
                "dataset; accuracy is measured for shipped prompts alone."
            )
        with st.container(horizontal=True, gap="small"):
            st.button("Ask the model", type="primary", key="grid-ask", disabled=bool(install) or ask is None,
                      on_click=begin, args=(ask, on_close))  # fmt: skip
            st.button("Close", key="grid-close", on_click=on_close)
        if problem := st.session_state.pop("grid.problem", None):
            st.error(md(problem))


def begin(ask: "grid.Asked", on_close: Callable[[], None]) -> None:
    try:
        grid.start(ask)
    except FuteError as error:
        st.session_state["grid.problem"] = str(error)
        return
    said.say(f"Started: {md(ask.request.label)}. Jobs shows how far it is.")
    on_close()


def with_partner(of: "Grid", cell: "Cell") -> list["Cell"]:
    """A cell with what it is held against: the same prompt on another model, else the best other of its model."""
    others = [c for c in of.cells.values() if c is not cell]
    others.sort(key=lambda c: (c.prompt != cell.prompt, c.model != cell.model, -c.accuracy if c.rows else 0.0))
    return [cell, *others[:1]]


def texts(atlas: "Atlas", one: "Cell", other: "Cell | None" = None) -> None:
    """How often two cells answer alike, and the texts on which they differ most, with both answers."""
    if other is None:
        page.quiet("There is no second cell to hold it against yet.")
        return
    page.section(f"{one.prompt} on {one.model}, and {other.prompt} on {other.model}")
    names = short_names(one, other)
    alike = same_answers(one.item, other.item)
    page.facts({
        **{name: accuracy_words(cell) for name, cell in zip(names, (one, other), strict=True)},
        "Same answer": f"to {alike[0]:,} of {plural(alike[1], 'probe text')}" if alike else "labels differ",
    })  # fmt: skip
    found = differing_texts(one.item, other.item, TEXTS)
    if found is None:
        rows = evidence.sides(atlas, one.item, other.item, TEXTS)
    else:
        apart, together = (data.said(atlas, one.item, other.item, places) for places in found)
        rows = {"Texts on which they differ most": apart, "Texts on which both are surest of one answer": together}
    hide = page.hides_abusive(evidence.any_abusive(atlas, rows))
    evidence.texts(atlas, one.item, other.item, rows, hide=hide, names=names)


def short_names(one: "Cell", other: "Cell") -> list[str]:
    """What tells two cells apart: the model, the prompt, or both."""
    if one.prompt == other.prompt:
        return [one.model, other.model]
    if one.model == other.model:
        return [one.prompt, other.prompt]
    return [f"{one.prompt} on {one.model}", f"{other.prompt} on {other.model}"]


def accuracy_words(cell: "Cell") -> str:
    if not cell.rows:
        return "not measured"
    return f"{percent(cell.accuracy)}, 95 % interval {100 * cell.low:.0f} to {percent(cell.high)}, {cell.rows} rows"


def effects(of: "Grid") -> None:
    """Lines with intervals, and the same in sentences."""
    known = of.effects
    named = {"Choice of model": known.models, "Choice of prompt": known.prompts,
             "Change of a lead from model to model": known.rest}  # fmt: skip
    drawn = [
        Dot(name, 100 * e.typical, 100 * e.low, 100 * e.high, own=e.sure) for name, e in named.items() if e is not None
    ]
    if drawn:
        dots("Typical difference, in points", drawn, digits=0)
    lines(effects_words(of))


def between_models(of: "Grid") -> list[str]:
    """How often two models give the same first answer under one prompt, which needs no label."""
    found = []
    for n, one in enumerate(of.models):
        for other in of.models[n + 1 :]:
            shares = {}
            for prompt in of.prompts:
                if (prompt, one) in of.cells and (prompt, other) in of.cells:
                    alike = same_answers(of.cells[prompt, one].item, of.cells[prompt, other].item)
                    if alike:
                        shares[prompt] = alike[0] / alike[1]
            if shares:
                least, most = min(shares, key=shares.__getitem__), max(shares, key=shares.__getitem__)
                found.append(
                    f"Asked the same, {one} and {other} give the same first answer to "
                    f"{percent(sum(shares.values()) / len(shares))} of the probe texts, over "
                    f"{plural(len(shares), 'prompt')}: from {percent(shares[least])} with {least} to "
                    f"{percent(shares[most])} with {most}. Labels play no part in this."
                )
    return found


def lines(sentences: Sequence[str]) -> None:
    """Sentences, one a line."""
    if sentences:
        st.html("".join(f'<p class="said-line">{html_text(sentence)}</p>' for sentence in sentences))
