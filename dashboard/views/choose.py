"""Choose: the few datasets that stand for the rest, and which dataset to train on first for another one."""

from dataclasses import replace

import streamlit as st

from dashboard import navigation
from dashboard.components import filters, leave, measured, page, pickers, sources, stand_ins, told
from dashboard.components.figure import figure
from dashboard.components.item_list import item_list
from dashboard.reads import choose, data, examples
from dashboard.session import address, said, state
from dashboard.session.filtering import item_id, passing, why_empty

QUESTIONS = {"cover": "Stand for the rest", "first": "Train on first"}
MOST = 12
USUAL = 5
COLOURS = {"light": "#1F5FA8", "dark": "#7FB2EE"}


def draw() -> None:
    page.heading(
        "Choose",
        "A few datasets in place of many, and the dataset to train on before your own, each with how far it is known "
        "to help.",
    )
    atlas = page.open_atlas(state.view().pair)
    with page.trouble():
        datasets = [i for i in atlas.items if i.embedding.kind == "dataset"]
        address.spell_out(question=QUESTIONS)
        address.option("question", "question", QUESTIONS.values())
        question = st.segmented_control(
            "Question", list(QUESTIONS), default="cover", required=True, key="question", bind="query-params",
            format_func=QUESTIONS.get, label_visibility="collapsed",
        )  # fmt: skip
        with st.container(key="bar", horizontal=True, vertical_alignment="bottom", gap="small"):
            filters.draw(datasets, kinds=False)
        # A filter by kind, set on the map, would leave nothing here: all of these are datasets.
        view = replace(state.view(), kinds=())
        shown = [i for i, there in zip(datasets, passing(datasets, view), strict=True) if there]
        if not shown:
            why = why_empty(datasets, view) if datasets else "This space has no dataset yet; bring one on Datasets."
            page.empty("No datasets", why, action="Clear the filters" if datasets else "", on_click=filters.clear)
        elif question == "cover":
            cover(shown)
        else:
            first(atlas, datasets, shown)


def cover(shown: list) -> None:
    """The few that stand for those that the filters let through."""
    pair = state.view().pair
    names = [i.embedding.name for i in shown]
    families = {i.embedding.name: i.embedding.family for i in shown}
    small = choose.small(data.atlas(pair), names)
    left, right = st.columns([1, 1.15], gap="large")
    with left:
        address.number("count", "number of datasets", 1, MOST)
        k = st.number_input("How many", 1, MOST, USUAL, key="count", bind="query-params", width=140)
        if len(names) - len(small) < 2:
            page.empty("Nothing to choose from", "It takes two datasets or more, each with enough texts.")
            return
        found = choose.cover(pair, names, min(k, len(names) - len(small)))
        page.quiet(stand_ins.said(found))
        current = (state.view().current or "").removeprefix("dataset:")
        one = stand_ins.group_of(found, current) or found["chosen"][0]
        page.eyebrow("Chosen", "stands for")
        item_list(stand_ins.list_rows(found, families, one["name"], current), key="chosen", label="Chosen datasets",
                  on_pick=state.select)  # fmt: skip
        if small:
            page.quiet(f"Left out, with too few texts to place well, or a place that says nothing: {', '.join(small)}.")
        cover_leaves(found, families)
    with right:
        stand_ins.group(one, families, current, state.select)
        curve(pair, names, found)
        redundant(found)
        measured.cover()


def cover_leaves(found: dict, families: dict) -> None:
    """Files, a pin, and the chosen ones on the other pages."""
    ids = [f"dataset:{one['name']}" for one in found["chosen"]]
    with st.container(key="cover-actions", horizontal=True, vertical_alignment="center", gap="small"):
        leave.downloads(lambda: stand_ins.table(found, families), "task-atlas-stand-for", "choice")
        leave.pin_button(
            f"{len(ids)} datasets that stand for {found['n']}", key="cover", about=ids, note=stand_ins.said(found),
            table=lambda: stand_ins.table(found, families),
        )  # fmt: skip
        st.page_link(navigation.path_of("map"), label="Show them on the map",
                     query_params={**state.params(), "sel": ids})  # fmt: skip


@st.fragment(run_every=0.7)
def waiting(pair: bool, names: list[str]) -> None:
    """Says that the curve is computed; the page runs again once it is there."""
    if choose.curve(pair, names) is not None:
        said.rerun()
    page.quiet("The curve is being computed.")


def curve(pair: bool, names: list[str], found: dict) -> None:
    """How many are stood for by how many."""
    page.section("How many does it take?")
    rows = choose.curve(pair, names)
    if rows is None:
        waiting(pair, names)
        return
    title = f"How many of {found['n']} datasets are stood for"
    draw_it = lambda ink: stand_ins.figure(rows, found["k"], found["n"], COLOURS[ink]).to_json()  # noqa: E731
    # By the plotly.js of the map: Streamlit's own chart would have the browser load and read a second one.
    figure(draw_it(st.context.theme.type or "light"), key="curve", name=title)
    leave.pin_button(title, key="curve", table=lambda: rows, figure=lambda: draw_it("light"))


def redundant(found: dict) -> None:
    """Which repeat another one, and by what measure."""
    page.section("Redundant")
    if found["redundant"]:
        page.quiet(
            "As alike as the closest quarter of pairs known to do the same job, and more than any known to do "
            "different ones."
        )
        rows = [{"dataset": r["name"], "repeats": r["repeats"], "similarity": r["similarity"]}
                for r in found["redundant"]]  # fmt: skip
        st.dataframe(rows, hide_index=True, height="content")
    elif found["threshold"] is None:
        page.quiet("None is called redundant: too few pairs are known to do the same job to judge by.")
    else:
        page.quiet("None of these repeats another one.")


def first(atlas, datasets: list, shown: list) -> None:
    """Sources for a target, and whether such an order helps."""
    chosen = [i for i in data.chosen(atlas, state.view().selected) if i.embedding.kind == "dataset"]
    target = pick(datasets, item_id(chosen[0]) if chosen else None)
    if target is None:
        example = next((i for i in datasets if not i.facts.get("shipped")), datasets[0])
        named = examples.dataset_with_prompts(atlas)
        start = item_id(example) if not example.facts.get("shipped") or not named else f"dataset:{named}"
        page.empty("For which dataset?", "Choose one above. Your own is there once it is embedded: bring it on the "
                   "page Datasets.", action="Show an example", on_click=lambda: state.select(start))  # fmt: skip
        return
    left, right = st.columns([1, 1.15], gap="large")
    found = choose.sources(atlas, target, [item_id(i) for i in shown])
    with left:
        told.verdict(data.verdict(atlas, target))
        if not found:
            page.empty("No other dataset", "The filters let nothing through but the dataset itself.",
                       action="Clear the filters", on_click=filters.clear)  # fmt: skip
        else:
            measured.caveat()
            sources.ranking(atlas, target, found)
            source_leaves(atlas, target, found)
    with right:
        source = chosen[-1] if len(chosen) > 1 else next(iter(data.chosen(atlas, [n.id for n in found[:1]])), None)
        if source is not None:
            with st.container(key="card-source"):
                sources.opened(atlas, target, source)
        measured.order()


def pick(datasets: list, current: str | None):
    """The target is the first dataset of the selection; choosing another one here starts a new selection."""
    st.session_state["choose-target"] = current

    def take() -> None:
        state.select(*filter(None, [st.session_state["choose-target"]]))

    return pickers.pick_one("Train on first, for", datasets, key="choose-target", on_change=take, width=340)


def source_leaves(atlas, target, found: list) -> None:
    rows = lambda: choose.source_rows(atlas, target, found)  # noqa: E731, two who ask for the same
    with st.container(key="source-actions", horizontal=True, vertical_alignment="center", gap="small"):
        leave.downloads(rows, "task-atlas-train-first", "ranking")
        leave.pin_button(f"What to train on first for {target.embedding.name}", key="sources", table=rows,
                         about=[item_id(target), *(n.id for n in found[:sources.SHOWN])])  # fmt: skip


draw()
