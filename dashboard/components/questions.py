"""Three questions that a newcomer may have, each a link to a view of the shipped space that answers one."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import navigation
from dashboard.components import page
from dashboard.reads import examples
from dashboard.session import state
from fute_core.analysis.skill import WEAK

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas


def draw(atlas: "Atlas") -> None:
    """The questions as links, the first line of each answer's page below it."""
    page.section("Start with a question")
    pair = {"pairs": state.params()["pairs"]} if state.view().pair else {}
    with st.container(key="questions", gap=None):
        _question(
            "similarity", "Which datasets are alike?", pair, "All datasets against one another; deep cells are close."
        )
        _question(
            "prompt_lab", "Where does my prompt land?", pair, "A prompt is ready: ask the model, and watch it land."
        )
        if target := examples.dataset_with_prompts(atlas):
            best = {"rows": ["Prompts"], "columns": ["Datasets"], "sort": [f"dataset:{target}"], "skill": [f"{WEAK:g}"]}
            _question("similarity", "Which prompt fits my data?", pair | best,
                      f"Prompts sorted by how close they are to {target}, as to a dataset of yours.")  # fmt: skip


def _question(file: str, words: str, params: dict[str, list[str]], answer: str) -> None:
    st.page_link(navigation.path_of(file), label=f"**{words}**", query_params=params)
    page.quiet(answer)
