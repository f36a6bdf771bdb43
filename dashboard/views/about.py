"""About the method: what a point is, in pictures from the user's own space, and how well it works, as measured."""

from itertools import zip_longest

import streamlit as st

from dashboard.components import page, pickers, pictures
from dashboard.components.dots import Dot, dots
from dashboard.reads import data, result_story, result_words, results
from dashboard.reads.moments import kept
from dashboard.session import state
from dashboard.session.filtering import ALL_KINDS, KIND_NAME, item_id
from dashboard.session.text import html_text, md, plural
from fute_core.analysis import explain
from fute_core.analysis.strips import Strip, scale_strips
from fute_core.models.surrogate import DEFAULT_SURROGATE, default_surrogate


def draw() -> None:
    page.heading("About the method", f"How {ALL_KINDS} come to lie in one space, and how far to trust it.")
    with page.trouble():
        atlas = data.atlas(state.view().pair)
        worked = example(atlas)
        scale(atlas, worked)
    measured()


def example(atlas) -> explain.Example | None:
    """How a dataset becomes a point, what the models nearest to it answer, and what each answers alike."""
    page.section("How a dataset becomes a point")
    datasets = [i for i in atlas.items if i.embedding.kind == "dataset"]
    start = clearest(state.view().pair, data.stamp())
    if not datasets or start is None:
        page.empty("No example yet", "The pictures need a dataset and a model; embed one of each.")
        return None
    chosen = [item_id(i) for i in data.chosen(atlas, state.view().selected) if i.embedding.kind == "dataset"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="about-example"):
        picked = pickers.pick_one("Dataset", datasets, key="example",
                                  value=(chosen or [item_id(atlas.items[start])])[-1], width=340)  # fmt: skip
        at = atlas.positions[item_id(picked)] if picked else start
        worked = explain.example(atlas, at)
        rows = data.examples(atlas.items[at].embedding.name)
        hide_rows = bool(rows) and atlas.items[at].embedding.family in data.ABUSIVE
        texts = [data.text_of(atlas.probes.texts[p]) for p in worked.texts] if worked else []
        hide = page.hides_abusive(hide_rows or any(data.abusive(atlas, texts)))
    if not chosen and at == start:
        page.quiet("The clearest case here. Choose another to see how far it holds.")
    if worked is None:
        page.empty(
            "No pictures here", "They are drawn of the shipped space, with its probe texts, and of what lies in it."
        )
        return None
    st.html(pictures.becoming(atlas, worked, rows, hide=hide, hide_rows=hide and hide_rows))
    if worked.texts:
        page.section("What lies nearest to it answers alike")
        st.html(pictures.answers(atlas, worked, hide=hide))
        page.quiet(
            "Of all the probe texts, those that make the first two most alike. Names of labels play no part: only "
            "which texts are answered alike. No weights, gradients or training data of a model are needed."
        )
    page.section("So their matrices look alike")
    st.html(pictures.grams(atlas, worked))
    page.quiet(
        f"Each is averaged to {len(worked.pictures[0])} groups of probe texts, in the order of how the dataset answers "
        "them. Teal: the item answers these two groups alike; brown: unlike. As published, matrices of datasets and of "
        "models do not share a space, so each kind is calibrated on its own first. A similarity is the cosine of two "
        f"matrices. {pictures.gradients(atlas.items[0])}"
    )
    return worked


def scale(atlas, worked: explain.Example | None) -> None:
    """What a similarity means: where pairs that do the same job lie among those that do not."""
    strips = [s for s in all_strips(state.view().pair, data.stamp()) if len(s.same)]
    if not strips:
        return
    page.section("What a similarity means")
    st.html(pictures.scale(strips, worked))
    page.quiet(" ".join(pictures.strip_words(strip) for strip in strips))
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
        "A question at a time, measured on what ships, with 95 % intervals. Skill is accuracy above chance, 0 for "
        "guessing and 1 for no mistake: skilled from 0.5, weak from 0.3.",
    )
    if (reader := default_surrogate()) != DEFAULT_SURROGATE:
        page.quiet(f"This atlas was read with {md(reader)}; the figures are of the one that ships, read with "
                   f"{DEFAULT_SURROGATE}.")  # fmt: skip
    known = results.found()
    if not known:
        page.empty("No results here", "Make them with: fute eval retrieval, fute eval prompts.")
    for name, result in known.items():
        with st.container(key=f"card-{name}"):
            one_result(name, result)


def one_result(name: str, result: dict) -> None:
    """The question, its answer and where it fails; what shows it beside that; and the rest once it is opened."""
    told = result_story.story(name, result)
    words, shown = st.columns([1, 1.25], gap="large")
    with words:
        page.section(told.question)
        if told.answer:
            st.html(f'<p class="said-line">{html_text(told.answer)}</p>')
        weak(name, result)
    with shown:
        for figure in told.figures:
            one_figure(figure)
    everything(name, result, told)


@st.fragment
def everything(name: str, result: dict, told: result_story.Story) -> None:
    """All that was measured, which is long, once somebody opens it."""
    with st.expander("All that was measured", key=f"numbers-{name}", on_change="rerun") as rest:
        if not rest.open:
            return
        figures = result_story.others(name, result, told)
        for left, right in zip_longest(figures[::2], figures[1::2]):
            for column, figure in zip(st.columns(2, gap="large"), (left, right), strict=True):
                if figure is not None:
                    with column:
                        one_figure(figure)
        if rows := results.side_by_side(name, result):
            st.table(
                [{md(head): md(cell) for head, cell in row.items()} for row in rows],
                hide_index=True, border="horizontal",
            )  # fmt: skip
        by_family(result)
        st.markdown(results.table_text(name) or "")
        page.quiet(results.made_by(result))


def one_figure(figure: result_story.Figure) -> None:
    lines = [Dot(line.name, line.value, line.low, line.high, own=line.own) for line in figure.lines]
    dots(figure.title, lines, chance=figure.tick, tick_is=figure.tick_is, note=figure.note, digits=figure.digits,
         start=figure.start)  # fmt: skip


def by_family(result: dict) -> None:
    """Each family by itself, the weakest first."""
    if families := results.by_family(result):
        dots(f"By family: reciprocal rank of a {KIND_NAME['model']}'s own dataset, the weakest first",
             [Dot(f"{family}, {plural(n, KIND_NAME['model'])}", value, family=family, own=True)
              for family, value, n in families])  # fmt: skip
    if families := results.rankings_by_family(result):
        dots("By family: agreement of the prompts' order with the true one (Spearman), the weakest first",
             [Dot(f"{family}, {n} {'dataset' if n == 1 else 'datasets'}", value, family=family, own=True)
              for family, value, n in families], chance=0.0)  # fmt: skip


def weak(name: str, result: dict) -> None:
    """Where it fails, by name."""
    if low := [family for family, value, _ in results.by_family(result) if value < results.WEAK_RANK]:
        page.notice(f"Weak: in {', '.join(low)} a {KIND_NAME['model']}'s own dataset is often not the nearest.")
    if low := [family for family, value, _ in results.rankings_by_family(result) if value <= 0]:
        page.notice(f"Weak: in {', '.join(low)} the order is no better than chance.")
    for measure, fewer in (("spearman", False), ("regret_points", True)):
        if better := results.beaten_by(result, measure, fewer):
            said = result_words.title(name, measure).split(":")[0].split(";")[0]
            page.notice(f"{said}: better here is {', '.join(better)}.")


draw()
