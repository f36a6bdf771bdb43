"""Letting a model reason in its own words before it is asked for the label: the fields, and what cannot go with it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fute_core.tasks import Reasoning
from fute_core.templates.reasoning import MOST_TOKENS

if TYPE_CHECKING:
    from dashboard.reads.costs import Model
    from fute_core.tasks import PromptTemplate

ON, THEN, TOKENS = "lab-reasons", "lab-then", "lab-thought-tokens"
LONGEST = 500
"""Characters of what follows the model's words."""


def fields() -> Reasoning | None:
    """A switch, and below it what follows the model's words and how many these may be."""
    usual = Reasoning()
    st.session_state.setdefault(THEN, usual.then)
    st.session_state.setdefault(TOKENS, usual.max_tokens)
    reasons = st.toggle(
        "Let the model think first", key=ON, persist_state="session",
        help="Chain of thought: the model writes what comes to its mind, and its answer is read after that. What it "
        "wrote is kept and shown. It takes a model on this machine, and far longer than an answer at once.",
    )  # fmt: skip
    if not reasons:
        return None
    left, right = st.columns([2, 1], gap="small")
    with left:
        then = st.text_area(
            "What follows its words", key=THEN, max_chars=LONGEST, height=68, persist_state="session",
            help="An open sentence, which an answer ends.",
        )  # fmt: skip
    with right:
        tokens = st.number_input(
            "Tokens to think", 1, MOST_TOKENS, key=TOKENS, persist_state="session",
            help="At most. Where it is not done by then, it is cut off.",
        )  # fmt: skip
    return Reasoning(then, int(tokens))


def typed() -> Reasoning | None:
    """What the fields hold, for what is drawn elsewhere."""
    if not st.session_state.get(ON):
        return None
    usual = Reasoning()
    return Reasoning(st.session_state.get(THEN, usual.then), int(st.session_state.get(TOKENS, usual.max_tokens)))


def fill(template: "PromptTemplate") -> None:
    """The turn of a prompt into the fields."""
    turn = template.reasoning or Reasoning()
    st.session_state.update({ON: template.reasoning is not None, THEN: turn.then, TOKENS: turn.max_tokens})


def refused(templates: Sequence["PromptTemplate"], model: "Model") -> str:
    """Why prompts that think first cannot be asked so; empty where they can."""
    if not any(template.reasoning for template in templates):
        return ""
    if model.base_url:
        return "No endpoint goes on from a model's own words; choose a model on this machine, or let it answer at once."
    if dict(model.read).get("text"):
        return "After its own words the probabilities of the answers are read; read these, or let it answer at once."
    return ""
