"""Worked examples into the prompt that is being written: rows of a dataset with its labels, drawn again at will."""

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import page, pickers, prompt_editor
from dashboard.reads import data, swapping
from dashboard.session.text import md, plural
from fute_core.analysis.agreement import same_names
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.tasks import PromptTemplate

MOST = 16
DRAWN, PROBLEM = "lab.drawn", "lab.examples-problem"
"""The last draw: its number, what it put before the template and behind the name, and how the prompt was asked before;
and why there was none."""


def offer(template: "PromptTemplate") -> None:
    """Which dataset, how many, and a button; behind a lid, since few want them."""
    try:
        fitting = with_its_labels(template)
    except (FuteError, OSError, sqlite3.Error):  # the page says of itself that the store cannot be read
        return
    with st.expander("Worked examples"):
        page.quiet("Labelled rows with their answers, put before the prompt. Each label has its turn.")
        if template.reasoning:
            page.quiet("Examples with their answers alone would show it not to think first; let it answer at once.")
            return
        if not fitting:
            page.quiet("No dataset here has labels that are called as those of the answers are; call them alike.")
            return
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        with left:
            dataset = pickers.pick_one("Rows of", fitting, key="lab-examples-of", placeholder="Choose a dataset")
        with right:
            n = st.number_input("How many", 1, MOST, 4, key="lab-examples-n")
        bare, turn = _bare_fields()
        with st.container(horizontal=True, gap="small", key="lab-examples-do"):
            st.button("Draw others" if bare else "Put them before it", key="lab-examples-go", disabled=dataset is None,
                      on_click=_put, args=(template, dataset, int(n), turn),
                      help=None if dataset else "Choose a dataset first.")  # fmt: skip
            if bare:
                st.button("Take them away", key="lab-examples-away", type="tertiary", on_click=_take_away)
        if problem := st.session_state.pop(PROBLEM, None):
            st.error(md(problem))


def with_its_labels(template: "PromptTemplate") -> list["Item"]:
    """Datasets with two or more of its labels; of its family first, then those that share most."""

    def shared(item: "Item") -> int:
        return int((same_names(list(map(str, item.facts.get("labels") or ())), template.labels) >= 0).sum())

    datasets = [i for i in data.atlas(template.pair).items if i.embedding.kind == "dataset" and shared(i) > 1]
    return sorted(datasets, key=lambda i: (i.embedding.family != template.family, -shared(i)))


def _bare_fields() -> tuple[dict[str, object] | None, int]:
    """The fields without the examples that stand in them, and which draw comes next; None where none stand there."""
    turn, before, behind, completion = st.session_state.get(DRAWN, (-1, "", "", False))
    name, source = (str(st.session_state.get(key) or "") for key in ("lab-name", "lab-template"))
    if not before or not source.startswith(before):
        return None, 0
    bare = {"lab-name": name.removesuffix(behind), "lab-template": source.removeprefix(before)}
    return {**bare, "lab-completion": completion}, turn + 1


def _put(template: "PromptTemplate", dataset: "Item", n: int, turn: int) -> None:
    """Examples into the fields; of a prompt that has some already, others in their place."""
    from fute_core.templates.worked_examples import with_examples

    bare, _ = _bare_fields()
    fields = bare or {key: st.session_state.get(key) for key in ("lab-name", "lab-template", "lab-completion")}
    source = str(fields["lab-template"])
    try:
        rows = swapping.labelled_rows(dataset)
        if rows is None:
            st.session_state[PROBLEM] = f"The rows of {dataset.embedding.name} are not known here any more."
            return
        made = with_examples(replace(template, source=source), rows, n, seed=turn)
    except FuteError as error:
        st.session_state[PROBLEM] = str(error)
        return
    behind = f" with {plural(n, 'example')}"
    name = f"{str(fields['lab-name'])[: prompt_editor.LONGEST_NAME - len(behind)]}{behind}"
    st.session_state.update({"lab-name": name, "lab-template": made.source, "lab-completion": True})
    st.session_state[DRAWN] = (turn, made.source.removesuffix(source), behind, bool(fields["lab-completion"]))


def _take_away() -> None:
    bare, _ = _bare_fields()
    st.session_state.update(bare or {})
