"""Worked examples into the prompt that is being written: rows of a dataset with its labels, drawn again at will."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import page, pickers, prompt_editor
from dashboard.reads import data, swapping
from dashboard.session.text import md, plural
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.tasks import PromptTemplate

MOST = 16
BARE, DRAWN, PROBLEM = "lab.bare", "lab.drawn", "lab.examples-problem"
"""The fields without the examples, the last draw with the fields that it gave, and why there was none."""


def offer(template: "PromptTemplate") -> None:
    """Which dataset, how many, and a button; behind a lid, since few want them."""
    with st.expander("Worked examples"):
        page.quiet("Labelled rows with their answers, put before the prompt. Each label has its turn.")
        fitting = with_its_labels(template)
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
    own = {label.strip().casefold() for label in template.labels}

    def shared(item: "Item") -> int:
        return len(own & {str(label).strip().casefold() for label in item.facts.get("labels") or ()})

    datasets = [i for i in data.atlas(template.pair).items if i.embedding.kind == "dataset" and shared(i) > 1]
    return sorted(datasets, key=lambda i: (i.embedding.family != template.family, -shared(i)))


def _bare_fields() -> tuple[dict[str, object] | None, int]:
    """The fields as they were without the examples that stand in them, and how often rows were drawn for these."""
    bare, (turn, gave) = st.session_state.get(BARE), st.session_state.get(DRAWN, (-1, None))
    if bare is None or gave != _fields():
        return None, 0
    return bare, turn + 1


def _fields() -> dict[str, object]:
    return {key: st.session_state.get(key) for key in (*prompt_editor.FIELDS, "lab-completion")}


def _put(template: "PromptTemplate", dataset: "Item", n: int, turn: int) -> None:
    """Examples into the fields; of a prompt that has some already, others in their place."""
    from fute_core.templates.worked_examples import with_examples

    bare, _ = _bare_fields()
    fields = bare or _fields()
    try:
        rows = swapping.labelled_rows(dataset)
        if rows is None:
            st.session_state[PROBLEM] = f"The rows of {dataset.embedding.name} are not known here any more."
            return
        made = with_examples(prompt_editor.written(fields, template), rows, n, seed=turn)
    except FuteError as error:
        st.session_state[PROBLEM] = str(error)
        return
    with_them = f" with {plural(n, 'example')}"
    named = f"{str(fields['lab-name'])[: prompt_editor.LONGEST_NAME - len(with_them)]}{with_them}"
    st.session_state.update({"lab-name": named, "lab-template": made.source, "lab-completion": True})
    st.session_state[BARE], st.session_state[DRAWN] = fields, (turn, _fields())


def _take_away() -> None:
    st.session_state.update(st.session_state.pop(BARE))
