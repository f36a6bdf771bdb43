"""The slim bar of shared filters. Each edits one field of the view, on whatever page it is drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.session import state
from dashboard.session.filtering import KIND_NAMES, options
from dashboard.session.text import md
from dashboard.session.view import SKILL_STEP
from fute_core.analysis.skill import WEAK, skill_of
from fute_core.atlas.newcomers import is_tuned

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from fute_core.atlas.gallery import Item


TUNED = (
    "Language models fine-tuned on shipped datasets. They were placed when all else was there, so they have shaped "
    "neither the similarities nor the shared map."
)


def draw(items: Sequence["Item"], *, kinds: bool = True, models: bool = True) -> None:
    """Kind, family, model, method where there are several, skill, search, and a way to clear: in this container.

    kinds, models : ask for them, which a page need not that asks for them in another way.
    """
    there = options(items)
    view = state.view()
    if kinds:
        st.pills(
            "Kind", there["kinds"], selection_mode="multi", format_func=lambda k: md(KIND_NAMES[k]), width="content",
            label_visibility="collapsed", **state.bound("kinds"),
        )  # fmt: skip
    _choose("Family", "families", there, view.families)
    if models and (there["models"] or view.models):
        without = "no fine-tuned" if view.untuned else ""
        with _choose("Model", "models", there, view.models, without):
            if view.untuned or any(map(is_tuned, items)):
                st.toggle("Leave out fine-tuned", **state.bound("untuned"))
                st.caption(TUNED)
    if len(there["methods"]) > 1:
        _choose("Method", "methods", there, view.methods)
    if view.skill or any(skill_of(i.facts) for i in items):
        _skill(view.skill)
    st.text_input("Search", placeholder="Search names, labels, templates", label_visibility="collapsed", width=240,
                  **state.bound("text"))  # fmt: skip
    if view.filtered:
        st.button("Clear filters", key="clear-filters", type="tertiary", on_click=clear)


def clear() -> None:
    state.change(kinds=(), families=(), models=(), methods=(), text="", skill=0.0, untuned=False)


def _choose(
    label: str, field: str, there: dict[str, list[str]], chosen: tuple[str, ...], besides: str = ""
) -> "DeltaGenerator":
    """A button that opens the choices, so that the bar stays one line whatever is chosen; gives what it opens.

    besides : what else is chosen in there, in words.
    """
    said = (*chosen, *([besides] if besides else ()))
    shown = f"{label}: {said[0]}{f' +{len(said) - 1}' if len(said) > 1 else ''}" if said else label
    with (opened := st.popover(md(shown), key=f"open-{field}")):
        known = [*there[field], *(c for c in chosen if c not in there[field])]
        st.multiselect(label, known, placeholder=f"Any {label.lower()}", **state.bound(field))
    return opened


def _skill(least: float) -> None:
    """How good a classifier or prompt has to be to be shown."""
    with st.popover(f"Skill: at least {least:g}" if least else "Skill", key="open-skill"):
        st.slider("Skill at least", 0.0, 1.0, step=SKILL_STEP, format="%.2f", **state.bound("skill"))
        st.caption(
            "Skill is accuracy counted from guessing: 0 for guessing, 1 for no mistake. What is drawn faded has less "
            f"than {WEAK:g}, and lies near its family about as often as chance. What was never measured, datasets and "
            "your own items among them, is always shown."
        )
