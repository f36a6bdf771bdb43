"""The Prompt lab: write a prompt, see what it costs, and watch where it lands on the map."""

import streamlit as st

from dashboard.components import (
    drafts,
    page,
    prompt_editor,
    prompt_examples,
    prompt_landing,
    prompt_model,
    prompt_price,
    reasoning_turn,
)
from dashboard.reads import costs, lab, work
from dashboard.session import keys, state
from dashboard.session.text import md, plural
from fute_core.datasets import uploads
from fute_core.datasets.probes import load_probes
from fute_core.errors import FuteError
from fute_core.templates import draft

MOST_RUNS = 50


def draw() -> None:
    page.heading(
        "Prompt lab",
        "Which task a prompt really does, without a label: a model answers the probe texts, and that is its place.",
    )
    with page.trouble():
        opened()
        left, right = st.columns([1, 1.35], gap="large")
        with left, st.container(key="lab-write"):
            write(state.view().pair)
        with right, st.container(key="lab-watch"):
            watch()


@st.fragment
def write(pair: bool) -> None:
    """The form; only it runs again while something is typed."""
    if st.session_state.pop("lab.whole", False):
        st.rerun()
    # Here and below, since a default of the widget's own would be at odds with what a link to a run sets.
    st.session_state.setdefault("lab-how", "one")
    how = st.segmented_control(
        "What", ["one", "several"], required=True, key="lab-how", persist_state="session",
        format_func={"one": "One prompt", "several": "Several, from a file"}.get, label_visibility="collapsed",
    )  # fmt: skip
    with page.trouble():
        if how == "one":
            template = prompt_editor.editor(pair)
            templates = [template] if template else []
        else:
            templates = prompt_editor.several(pair) or []
        model = prompt_model.model()
        most = len(load_probes(pair).texts)
        sizes = [n for n in prompt_editor.SIZES if n < most] + [most]
        st.session_state.setdefault(f"lab-probes-{most}", most)
        n = st.select_slider(
            "Probe texts", sizes, key=f"lab-probes-{most}", persist_state="session",
            help="Few give a first look that can be refined later without asking the same texts again.",
        )  # fmt: skip
        if templates and model:
            if templates[0].pair != pair:
                page.notice(f"This prompt reads {'pairs' if templates[0].pair else 'single texts'}; it lands there.")
            if why := reasoning_turn.refused(templates, model):
                st.error(why)
                templates = []
            else:
                prompt_price.price(templates, model, n)
        begin(templates, model, None if n == most else n, pair)
        if how == "one":
            if templates:
                prompt_examples.offer(templates[0])
            drafts.keep()
            prompt_editor.read_by_the_model()


def opened() -> None:
    """Takes a run over from an address: that run, and its prompt in the form; a run that is not here is told of."""
    asked = st.query_params.get("run")
    if asked is None or asked == st.session_state.get("lab.run_written"):
        return
    job = work.find(asked)
    st.session_state["lab.run_written"] = asked
    if job is None or not lab.asks_prompts(job):
        st.session_state["lab.unknown"], st.session_state["run"] = asked, None
        return
    st.session_state["run"] = asked
    st.session_state.pop("lab.unknown", None)
    if prompt_editor.untouched():
        with page.trouble():
            prompt_editor.fill_with(job.items[0].request)
            st.session_state["lab.linked"] = asked


def begin(templates: list, model: "costs.Model | None", n: int | None, pair: bool) -> None:
    """The button that starts the job."""
    label = "Ask the model" if len(templates) < 2 else f"Ask the model with {plural(len(templates), 'prompt')}"
    if problem := st.session_state.pop("lab.problem", None):
        st.error(md(problem))
    if templates and model is None and (lacks := prompt_model.lacking()):
        page.quiet(lacks)
    st.button(label, type="primary", key="lab-start-job", disabled=not (templates and model), on_click=start,
              args=(templates, model, n, pair))  # fmt: skip


def start(templates: list, model: costs.Model, n: int | None, pair: bool) -> None:
    """Keeps the templates by content, and asks for one embedding each."""
    try:
        path = uploads.keep(draft.as_yaml(templates), "prompts.yaml", uploads.TEMPLATE_ENDINGS)
        requests = lab.requests_of(str(path), templates, model, n)
        if clash := lab.taken(requests):
            st.session_state["lab.problem"] = f"Another prompt is called {clash[0]!r}; give this one another name."
            return
        if model.key:
            keys.typed(model.base_url, model.key)
        job = work.start(requests)
    except FuteError as error:
        st.session_state["lab.problem"] = str(error)
        return
    st.session_state["run"] = job.id
    st.session_state["lab.whole"] = True
    if templates[0].pair != pair:
        state.change(pair=templates[0].pair)


def watch() -> None:
    """The run that is looked at, chosen among all; that of the address, else the newest at first."""
    runs = lab.runs()
    unknown = st.session_state.get("lab.unknown")
    if unknown and not st.session_state.get("run"):
        st.warning(f"The run {md(unknown)} of this link is not here: it was removed, or it is on another computer.")
    if not runs:
        prompt_landing.nothing_yet()
        return
    # A chosen option keeps the words it was chosen by, so they tell nothing that changes, such as the run's state.
    wanted = st.session_state.get("run")
    listed = [*runs[:MOST_RUNS], *(job for job in runs[MOST_RUNS:] if job.id == wanted)]
    names = {job.id: f"{lab.run_name(job)}  ({job.created[:19].replace('T', ' ')})" for job in listed}
    if wanted not in names:
        st.session_state["run"] = None if unknown else runs[0].id
    chosen = st.selectbox("Run", list(names), None, key="run", format_func=names.get, persist_state="session",
                          placeholder="Choose another run")  # fmt: skip
    if chosen is None:
        return
    st.session_state.pop("lab.unknown", None)
    # A bound widget would write the option's text in place of its id.
    st.session_state["lab.run_written"] = chosen
    if st.query_params.get("run") != chosen:
        st.query_params["run"] = chosen
    prompt_landing.run(chosen)


draw()
