"""What asking a prompt takes, told before anything is asked, and looked for again only while it is being counted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import page, prompt_editor
from dashboard.reads import costs
from dashboard.session import said

if TYPE_CHECKING:
    from fute_core.tasks import PromptTemplate


def price(templates: Sequence["PromptTemplate"], model: costs.Model, n: int) -> None:
    """Calls, tokens and time of these prompts on n probe texts each."""
    with page.trouble():
        cost = costs.cost(templates[0], model, n)
        if cost is None:
            counting(templates[0], model, n)
        else:
            prompt_editor.price(cost, len(templates))


@st.fragment(run_every=1.5)
def counting(template: "PromptTemplate", model: costs.Model, n: int) -> None:
    """Says that tokens are counted; the page runs again once they are."""
    with page.trouble():
        if costs.cost(template, model, n) is not None:
            said.rerun()
        prompt_editor.price(None)
