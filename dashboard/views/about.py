"""About the method: what a point is, in pictures from the user's own space, and how well it works, as measured."""

import streamlit as st

from dashboard.components import page, pickers, pictures
from dashboard.components.dots import Dot, dots
from dashboard.reads import data, result_words, results
from dashboard.reads.moments import kept
from dashboard.session import state
from dashboard.session.filtering import ALL_KINDS, KIND_NAME, item_id
from dashboard.session.text import md, plural
from fute_core.analysis import explain
from fute_core.analysis.strips import Strip, scale_strips


def draw() -> None:
    page.heading("About the method", f"How {ALL_KINDS} come to lie in one space, and how far to trust it.")
    method()
    with page.trouble():
        atlas = data.atlas(state.view().pair)
        worked = example(atlas)
        scale(atlas, worked)
    measured()


def method() -> None:
    page.section("What a point is")
    dataset, classifier, prompt = (f"- **A {KIND_NAME[kind]}" for kind in ("dataset", "model", "prompt"))
    st.markdown(
        f"{dataset}** (dataset task embedding, DTE) lies where its texts and labels put it: a fixed encoder reads "
        "the texts, and a small head learns the labels from them.\n"
        f"{classifier}** (model task embedding, MTE) lies where its answers put it. It labels unlabelled texts; "
        "no weights, gradients or training data are needed.\n"
        f"{prompt} with its language model** is one model, and lies where its answers on those texts put it."
    )


def example(atlas) -> explain.Example | None:
    """A dataset, the models nearest to it and a dataset of another job: their answers and their Gram matrices."""
    page.section("One dataset and what lies nearest to it, from this space")
    datasets = [i for i in atlas.items if i.embedding.kind == "dataset"]
    start = clearest(state.view().pair, data.stamp())
    if not datasets or start is None:
        page.empty("No example yet", "The pictures need a dataset and a model; embed one of each.")
        return None
    chosen = [item_id(i) for i in data.chosen(atlas, state.view().selected) if i.embedding.kind == "dataset"]
    picked = pickers.pick_one("Dataset", datasets, key="example", value=(chosen or [item_id(atlas.items[start])])[-1],
                              width=340)  # fmt: skip
    at = atlas.positions[item_id(picked)] if picked else start
    if not chosen and at == start:
        page.quiet("The clearest case here. Choose another to see how far it holds.")
    worked = explain.example(atlas, at)
    if worked is None:
        page.empty(
            "No pictures here", "They are drawn of the shipped space, with its probe texts, and of what lies in it."
        )
        return None
    if worked.texts:
        page.eyebrow("1. All answer the same probe texts")
        abusive = any(data.abusive(atlas, [data.text_of(atlas.probes.texts[p]) for p in worked.texts]))
        hide = page.hides_abusive(abusive)
        st.html(pictures.answers(atlas, worked, hide=hide))
        page.quiet(
            "Of all the probe texts, those that make the first two most alike. A dataset answers with the head that "
            "learnt its labels. Names of labels play no part: only which texts are answered alike."
        )
    page.eyebrow("2. Which texts each of them answers alike")
    st.html(pictures.grams(atlas, worked))
    page.quiet(
        f"A point is such a matrix, here averaged to {len(worked.pictures[0])} groups of probe texts, in the order of "
        "how the dataset answers them. Teal: the item answers these two groups alike; brown: unlike. As published, "
        "matrices of datasets and of models do not share a space, so each kind is calibrated on its own first. A "
        f"similarity is the cosine of two matrices. {pictures.gradients(atlas.items[0])}"
    )
    return worked


def scale(atlas, worked: explain.Example | None) -> None:
    """What a similarity means: where pairs that do the same job lie among those that do not."""
    strips = [s for s in all_strips(state.view().pair, data.stamp()) if len(s.same)]
    if not strips:
        return
    page.eyebrow("3. What a similarity means")
    st.html(pictures.scale(strips, worked))
    for strip in strips:
        page.quiet(pictures.strip_words(strip))
    page.quiet(
        "A bare cosine says little, so every page counts how many pairs known to do different jobs come as close: "
        "“closer than 99 % of different-job pairs”. Each pair of kinds has a scale of its own, and what you bring has "
        "another one than what ships, since it has not shaped the space."
    )


@kept(2)
def clearest(pair: bool, stamp: str) -> int | None:
    return explain.clearest(data.atlas(pair, stamp))


@kept(2)
def all_strips(pair: bool, stamp: str) -> list[Strip]:
    return scale_strips(data.atlas(pair, stamp))


def measured() -> None:
    page.section(
        "How well it works",
        "Measured on what ships, beside cheap baselines, with 95 % intervals. Skill is accuracy above chance, 0 "
        "for guessing and 1 for no mistake: skilled from 0.5, weak from 0.3.",
    )
    known = results.found()
    if not known:
        page.empty("No results here", "Make them with: fute eval retrieval, fute eval prompts.")
    for name, result in known.items():
        with st.container(key=f"card-{name}"):
            one_result(name, result)


def one_result(name: str, result: dict) -> None:
    st.markdown(f"**{md(result.get('title') or name)}**")
    if rows := results.side_by_side(name, result):
        st.table(
            [{md(head): md(cell) for head, cell in row.items()} for row in rows], hide_index=True, border="horizontal"
        )
    shown = [] if rows else results.measures(name, result)
    for left, right in zip(shown[::2], [*shown[1::2], None][: len(shown[::2])], strict=True):
        for column, measure in zip(st.columns(2, gap="large"), (left, right), strict=True):
            if measure is not None:
                with column:
                    one_measure(measure)
    weak(name, result)
    page.quiet(results.made_by(result))
    numbers(name)


@st.fragment
def numbers(name: str) -> None:
    """Its table, which is long, once somebody opens it."""
    if text := results.table_text(name):
        with st.expander("All numbers", key=f"numbers-{name}", on_change="rerun") as table:
            if table.open:
                st.markdown(text)


def one_measure(measure: results.Measured) -> None:
    own = measure.own
    lines = [Dot("this space", own["value"], own.get("low"), own.get("high"), own=True)]
    lines += [Dot(n, b["value"], b.get("low"), b.get("high")) for n, b in measure.baselines.items()]
    dots(measure.title, lines, chance=own.get("chance"), note=f"{plural(own['n'], 'case')}." if own.get("n") else "")


def weak(name: str, result: dict) -> None:
    """Where it fails, by name."""
    if families := results.by_family(result):
        dots(f"By family: reciprocal rank of a {KIND_NAME['model']}'s own dataset, the weakest first",
             [Dot(f"{family}, {plural(n, KIND_NAME['model'])}", value, family=family, own=True)
              for family, value, n in families])  # fmt: skip
        if low := [family for family, value, _ in families if value < results.WEAK_RANK]:
            page.notice(f"Weak: in {', '.join(low)} a {KIND_NAME['model']}'s own dataset is often not the nearest.")
    if families := results.rankings_by_family(result):
        dots("By family: agreement of the prompts' order with the true one (Spearman), the weakest first",
             [Dot(f"{family}, {n} {'dataset' if n == 1 else 'datasets'}", value, family=family, own=True)
              for family, value, n in families], chance=0.0)  # fmt: skip
        if low := [family for family, value, _ in families if value <= 0]:
            page.notice(f"Weak: in {', '.join(low)} the order is no better than chance.")
    for measure, fewer in (("spearman", False), ("regret_points", True)):
        if better := results.beaten_by(result, measure, fewer):
            said = result_words.title(name, measure).split(":")[0].split(";")[0]
            page.notice(f"{said}: better here is {', '.join(better)}.")


draw()
