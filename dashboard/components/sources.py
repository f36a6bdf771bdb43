"""Datasets to train on first for another one: the ranked list, and what is known of one of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import navigation
from dashboard.components import details, page, told
from dashboard.components.item_list import Row, item_list
from dashboard.reads import data
from dashboard.session import state
from dashboard.session.filtering import item_id
from dashboard.session.text import plural

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

SHOWN = 15


def ranking(atlas: "Atlas", target: "Item", found: Sequence[data.Near]) -> None:
    """The nearest first, as in every list of neighbours; a click opens one beside the target."""
    shown = found[:SHOWN]
    sure = data.intervals(atlas, target, [n.id for n in shown])
    rows = [
        Row(id=n.id, kind=n.kind, family=n.family, name=n.name, figure=data.percent(n.share), number=rank,
            note=details.between(n.similarity, *sure.get(n.id, ())), title=f"{n.name}: {data.closer_than(n.share)}",
            current=n.id == state.view().current)
        for rank, n in enumerate(shown, 1)
    ]  # fmt: skip
    page.eyebrow(f"{plural(len(found), 'dataset')}, the most similar first", "closer than")
    standings = [n.standing for n in shown]
    item_list(told.parted(rows, standings), key="sources", label=f"Datasets by similarity to {target.embedding.name}",
              on_pick=lambda source: state.select(item_id(target), source))  # fmt: skip
    if len(found) > SHOWN:
        page.quiet(f"and {len(found) - SHOWN:,} more, which the files below list.")
    page.quiet(
        "Closer than this share of the pairs known to do different jobs; intervals are over probe texts. "
        f"{told.grey(standings)}"
    )


def opened(atlas: "Atlas", target: "Item", source: "Item") -> None:
    """What training on a source depends on, and the way to its evidence."""
    details.title(source)
    page.facts({**details.what_it_is(source), "Texts used": f"{source.embedding.provenance.n_texts:,}"})
    with st.container(key="source-links", horizontal=True, gap="small"):
        details.compare_link(atlas, [target, source])
        st.page_link(navigation.path_of("map"), label="Both on the map", query_params=state.params())
