"""A finished plotly figure in the page's colours, with its picture for a paper: PNG and SVG on white, in one size."""

from functools import lru_cache
from pathlib import Path

import streamlit as st

from dashboard.components.served import scripts
from fute_core.report.numbers import parsed

FRONTEND = Path(__file__).parent / "frontend"


def figure(content: str, *, key: str, name: str) -> None:
    """Draw plotly JSON. name : of the files that its buttons save. Raises BadInput for what is no plotly JSON."""
    parsed(content)
    _component()(key=key, data={"figure": content, "name": "-".join(name.split())[:60] or "figure"})


@lru_cache(maxsize=1)
def _component():
    return st.components.v2.component(
        "finding_figure",
        html='<div class="finding-figure"></div>',
        css=(FRONTEND / "style.css").read_text("utf-8"),
        js=scripts("finding_figure", FRONTEND, "renderFigure", plotly="before"),
        isolate_styles=False,
    )
