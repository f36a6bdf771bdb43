"""Models: classifiers, language models and prompts of the space, what they answer to a text, and adding another."""

import streamlit as st

from dashboard import navigation
from dashboard.components import add_model, ask, details, filters, landed, leave, page
from dashboard.components.details import row_of
from dashboard.components.item_list import Row, item_list
from dashboard.reads import asking, data, work
from dashboard.session import address, state
from dashboard.session.filtering import KIND_NAME, KIND_NAMES, item_id, model_of, passing, why_empty
from dashboard.session.text import plural

MOST_LISTED = 200
MODES = {"browse": "Browse", "ask": "Ask", "add": "Add a model"}


def draw() -> None:
    classifiers = KIND_NAMES["model"].lower()
    page.heading("Models", f"What answers: {classifiers}, and language models behind a prompt. Each is a point.")
    address.spell_out(do=MODES)
    address.option("do", "choice of what to do", MODES.values())
    mode = st.segmented_control(
        "What to do", list(MODES), key="do", bind="query-params", default="browse", required=True,
        format_func=MODES.get, label_visibility="collapsed",
    )  # fmt: skip
    with page.trouble():
        if mode == "add":
            add()
        elif mode == "ask":
            put_to_them()
        else:
            browse()


def browse() -> None:
    view = state.view()
    atlas = data.atlas(view.pair)
    models = [i for i in atlas.items if i.embedding.kind != "dataset"]
    with st.container(key="bar", horizontal=True, vertical_alignment="bottom", gap="small"):
        filters.draw(models)
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        listed = listing(models)
        with st.container(key="model-below"):
            packaged()
    with right, st.container(key="model-panel"):
        picked = data.chosen(atlas, [i for i in view.selected[-1:] if not i.startswith("dataset:")])
        one = picked[0] if picked else (listed[0] if listed else None)
        if one is None:
            return
        details.details(atlas, one, key="model", actions=lambda: actions(one))


def actions(one) -> None:
    with st.container(key="model-actions", horizontal=True, gap="small"):
        if st.button("Show on the map", key=f"to-map-{item_id(one)}"):
            state.go(navigation.path_of("map"), selected=(item_id(one),))
        how = asking.who(one)
        if not isinstance(how, str):
            st.button("Ask it about a text", key=f"to-ask-{item_id(one)}", on_click=to_ask, args=(item_id(one),))
    if isinstance(how, str):
        page.quiet(how)


def to_ask(item: str) -> None:
    st.session_state["do"] = "ask"
    state.select(*(i for i in state.view().selected if i != item), item)


def listing(models: list) -> list:
    """The classifiers and prompts that the filters let through, the most skilled first."""
    view = state.view()
    if not models:
        words = f"Add a {KIND_NAME['model']} here, or write a {KIND_NAME['prompt']} in the Prompt lab."
        page.empty("No models in this space yet", words)
        return []
    shown = [i for i, there in zip(models, passing(models, view), strict=True) if there]
    if not shown:
        page.empty("No models", why_empty(models, view), action="Clear the filters", on_click=filters.clear)
        return []
    shown.sort(key=lambda i: (-(i.facts.get("skill") or -1.0), i.embedding.name.casefold()))
    page.eyebrow(f"{plural(len(shown), 'model')}, the most skilled first", "accuracy")
    repeats = {kind: data.redundant(view.pair, kind) for kind in {i.embedding.kind for i in shown}}
    rows = [
        Row(id=item_id(i), kind=i.embedding.kind, family=i.embedding.family, name=i.embedding.name,
            note=note(i, repeats[i.embedding.kind].get(i.embedding.name)),
            figure=f"{100 * i.facts['accuracy']:.0f} %" if isinstance(i.facts.get("accuracy"), float) else "",
            current=item_id(i) == view.current)
        for i in shown[:MOST_LISTED]
    ]  # fmt: skip
    item_list(rows, key="models", label="Models", on_pick=state.select)
    if len(shown) > MOST_LISTED:
        page.quiet(f"and {len(shown) - MOST_LISTED:,} more; narrow the filters to see them.")
    with st.container(horizontal=True, gap="small"):
        leave.downloads(lambda: [row_of(i) for i in shown], "task-atlas-models", "list")
    return shown


def note(item, repeats: str | None) -> str:
    """The quiet second line of the list."""
    said = (item.embedding.family, model_of(item), f"like {repeats}" if repeats else "")
    return ", ".join(p for p in said if p)


def packaged() -> None:
    """What answers without a download."""
    from fute_core.models.packaged import list_models

    page.eyebrow("Packaged on this machine")
    page.facts({
        m["name"]: f"{m['kind']}, {m['licence']}{'' if m['installed'] else ', not installed'}" for m in list_models()
    })  # fmt: skip


def put_to_them() -> None:
    """A text of one's own, and what each answers to it."""
    atlas = data.atlas(state.view().pair)
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        ask.form(atlas)
    with right, st.container(key="asked"):
        ask.answers(atlas)


def add() -> None:
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        request = add_model.form(state.view().pair)
        if request is not None:
            with page.trouble():
                st.session_state["models.job"] = work.start([request]).id
    with right:
        landed.watch("models.job", "Answering", "The model answers the shared probe texts as a job; then it is a point "
                     "of the map, shown here.")  # fmt: skip


draw()
