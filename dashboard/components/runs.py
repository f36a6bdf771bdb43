"""Two runs of one item against each other: what was different, and which answers changed with it."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components import evidence, page
from dashboard.reads import data
from dashboard.session.filtering import item_id
from dashboard.session.text import number, plural
from fute_core.atlas import versions

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

TEXTS = 8


def draw(atlas: "Atlas", item: "Item") -> None:
    """Choose two runs; what changed comes first. Where there is one run only, says so."""
    found = data.runs(item)
    own = item.embedding
    page.section(f"Runs of {own.name}")
    if len(found) < 2:
        page.quiet("It was made once. Another run, say on other rows or with another method, can be held against it.")
        return
    page.quiet("Choose another item above to compare it with that one; here it is held against its own other runs.")
    names = {i.embedding.key: label(i, current=i is item or i.embedding.key == own.key) for i in found}
    keys = list(names)
    left, right = st.columns(2, gap="large")
    with left:
        one = st.selectbox("Before", keys, 1, format_func=names.get, key=f"run-before-{item_id(item)}")
    with right:
        other = st.selectbox("After", keys, 0, format_func=names.get, key=f"run-after-{item_id(item)}")
    of = {i.embedding.key: i for i in found}
    against(atlas, of[one], of[other])


def label(item: "Item", *, current: bool) -> str:
    """When and how it was made; what is on the map now says so."""
    made = item.embedding.provenance
    when = made.created[:16].replace("T", " ") or "at an unknown time"
    what = "shipped" if item.facts.get("shipped") else "yours"
    return f"{when}, {made.method}, {plural(made.n_texts, 'text')}, {what}{', on the map' if current else ''}"


def against(atlas: "Atlas", one: "Item", other: "Item") -> None:
    """What differs, how alike the two places are, and the answers that changed."""
    found = versions.changes(one, other)
    if not found:
        page.quiet("These two are the same run; choose another one.")
        return
    page.eyebrow("What changed")
    st.dataframe([{"what": c.what, "before": c.before, "after": c.after} for c in found], hide_index=True)
    alike = versions.similarity(one, other, atlas.space.calibrator)
    page.notice(
        "Their places cannot be compared, since they were made in different ways; their answers still can."
        if alike is None
        else f"Similarity of the two places {number(alike, 3)}; 1 is the same place."
    )
    answers(atlas, one, other)


def answers(atlas: "Atlas", one: "Item", other: "Item") -> None:
    """How many first answers changed, and the texts where they moved most; before and after by label."""
    found = versions.changed_answers(one, other)
    if found is None:
        page.quiet("The answers of the two cannot be held against each other: other labels, other probe texts, or "
                   "answers that were not kept.")  # fmt: skip
        return
    page.eyebrow("Answers that changed")
    page.quiet(
        f"{len(found.changed):,} of {plural(found.n, 'probe text')} have another first answer; on average "
        f"{100 * found.moved:.1f} % of the probability went to other labels."
    )
    if found.changed and one.embedding.provenance.probes == atlas.items[0].embedding.provenance.probes:
        shown = found.changed[:TEXTS]
        texts = [data.text_of(atlas.probes.texts[p]) for p in shown]
        bad = data.abusive(atlas, texts)
        hide = page.hides_abusive(any(bad))
        page.quotes(
            [(t, None, f"{data.answer(one, p)} before, {data.answer(other, p)} after")
             for t, p in zip(texts, shown, strict=True)],
            blurred=[hide and b for b in bad],
        )  # fmt: skip
    for column, title, item in zip(st.columns(2, gap="large"), ("Before", "After"), (one, other), strict=True):
        with column:
            page.eyebrow(f"Labels, {title.lower()}")
            st.html(evidence.share_bars(item))
