"""What several selected items have in common: kinds, families, skill, the one in their middle, and telling texts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import marks, page
from dashboard.components.item_list import Row, item_list
from dashboard.reads import data, together
from dashboard.session import state
from dashboard.session.filtering import KIND_NAME, KIND_NAMES, item_id
from dashboard.session.text import html_text, number, shorten
from fute_core.analysis.skill import is_weak
from fute_core.analysis.together import FEWEST

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

FAMILIES, TEXTS = 8, 5


def group(atlas: "Atlas", picked: Sequence["Item"]) -> None:
    """The panel of a group; nothing for fewer items than make one."""
    if len(picked) < FEWEST:
        return
    found = together.of(atlas, state.view().pair, [item_id(i) for i in picked])
    middle = atlas.items[found.middle]
    page.section(f"These {len(picked):,} together")
    counted = [f"{n:,} {(KIND_NAME if n == 1 else KIND_NAMES)[k].lower()}" for k, n in together.kinds(picked).items()]
    skill = f"{number(found.skill)}, the median of {found.measured:,}" if found.skill is not None else None
    page.facts(
        {"Kinds": ", ".join(counted), "Skill": skill, "Similarity": f"{number(found.within)} on average, of two"}
    )
    families(picked)
    page.eyebrow("In their middle")
    item_list(
        [Row(id=item_id(middle), kind=(own := middle.embedding).kind, family=own.family, name=own.name,
             note=own.family or "", title=f"{own.name}, the most similar to the others on average",
             weak=is_weak(middle.facts))],
        key="group-middle", label="In their middle", on_pick=to_middle,
    )  # fmt: skip
    apart(atlas, middle, picked)


def families(picked: Sequence["Item"]) -> None:
    """How many of each, on bars."""
    found = together.families(picked)
    most = found[0][1]
    rows = "".join(
        f"<dt>{marks.mark('dataset', family)}{html_text(family or 'no family')}</dt>"
        f"<dd>{n:,}<div class='bar'><i style='width:{100 * n / most:.0f}%'></i></div></dd>"
        for family, n in found[:FAMILIES]
    )
    st.html(f'<dl class="facts">{rows}</dl>')
    if len(found) > FAMILIES:
        page.quiet(f"and {len(found) - FAMILIES} more families")


def to_middle(item: str) -> None:
    """The details are those of the middle, and the selection stays."""
    state.select(*(i for i in state.view().selected if i != item), item)


@st.fragment
def apart(atlas: "Atlas", middle: "Item", picked: Sequence["Item"]) -> None:
    """The texts, once somebody asks: they take a moment."""
    with st.expander("Texts that set them apart", key="group-apart", on_change="rerun") as opened:
        if not opened.open:
            return
        found = together.apart(atlas, middle, picked, TEXTS)
        if found is None or not found.texts:
            page.quiet("No text does: the answers are not known, or nothing lies near that is not selected.")
            return
        here, there = (shorten(name, 24) for name in (middle.embedding.name, found.near))
        page.quiet(f"They make {here} more like the others selected than like what lies near outside, such as {there}.")
        hide = not st.session_state.get("show-abusive", False)  # the details below ask, once a page
        blurred = [hide and bad for bad in data.abusive(atlas, [text for text, *_ in found.texts])]
        page.quotes(
            [(text, None, f"{one} by {here}, {two} by {there}") for text, one, two in found.texts], blurred=blurred
        )
        if any(blurred):
            page.quiet("The blurred come from datasets of abusive texts, whose details show them when asked.")
