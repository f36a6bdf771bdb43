"""Runs: one run of a prompt on a page with a link of its own; what was asked, what came back, what it was before."""

from urllib.parse import urlencode, urlparse

import streamlit as st

from dashboard import navigation
from dashboard.components import job_list, page, run_answers, run_story
from dashboard.reads import data, history, lab, work
from dashboard.session import address, said, state
from dashboard.session.text import plural, shorten

MOST_RUNS = 50


def draw() -> None:
    page.heading("Runs", "One run of a prompt: what was asked of which model, what came back, and what it was before.")
    with page.trouble():
        asked = choose()
        if asked is None:
            return
        key = (asked.job.id, asked.place, data.stamp())
        settled = st.session_state.get("runs.settled") == key
        # The same fragment in every state: a click on what an earlier one drew would find nobody.
        st.fragment(watched, run_every=None if settled else 1.5)(asked.job.id, asked.place, settled)


def choose() -> history.Asked | None:
    """The run of the address, else one of the list; None where there is none to show, which is told."""
    runs = lab.runs()
    wanted = st.query_params.get("run")
    if st.session_state.get("runs.written") != wanted and wanted is not None:
        st.session_state["runs-run"] = wanted if any(job.id == wanted for job in runs) else None
        st.session_state["runs.unknown"] = None if st.session_state["runs-run"] else wanted
        st.session_state["runs.written"] = wanted
    unknown = st.session_state.get("runs.unknown")
    if unknown and not st.session_state.get("runs-run"):
        st.warning(run_story.unknown(unknown, bool(runs)))
    if not runs:
        page.empty("No prompt was asked yet", "Write one in the Prompt lab and ask a model; its run is kept here.",
                   action="Open the Prompt lab",
                   on_click=lambda: st.session_state.update({"runs.lab": True}))  # fmt: skip
        if st.session_state.pop("runs.lab", False):
            state.go(navigation.path_of("prompt_lab"))
        return None
    picked = pick(runs, unknown)
    job = work.find(picked)
    if job is None:
        return None
    st.session_state.pop("runs.unknown", None)
    st.session_state["runs.written"] = picked
    if (before := st.query_params.get("run")) != picked:
        st.query_params["run"] = picked
        if before is not None:
            st.query_params.pop("prompt", None)
    return which(job)


def pick(runs: list, unknown: str | None) -> str | None:
    """The id of the chosen run."""
    kept = st.session_state.get("runs-run")
    listed = [*runs[:MOST_RUNS], *(job for job in runs[MOST_RUNS:] if job.id == kept)]
    names = {job.id: f"{lab.run_name(job)}  ({job.created[:19].replace('T', ' ')})" for job in listed}
    if kept not in names:
        st.session_state["runs-run"] = None if unknown else runs[0].id
    return st.selectbox("Run", list(names), None, key="runs-run", format_func=names.get, persist_state="session",
                        placeholder="Choose another run")  # fmt: skip


def which(job) -> history.Asked | None:
    """The prompt of the run that the address names, else the first."""
    prompts = history.prompts(job)
    given = st.query_params.get("prompt", "")
    numbers = {str(asked.place + 1): asked.place for asked in prompts}
    address.check("prompt", given in numbers, f"The address asks for the prompt “{shorten(given)}” of this run, which "
                  f"has {plural(len(prompts), 'prompt')}; another is shown.")  # fmt: skip
    if len(prompts) < 2:
        return prompts[0] if prompts else None
    by_place = {asked.place: asked for asked in prompts}
    at = numbers.get(given, prompts[0].place)
    key = f"runs-prompt-{job.id}"
    chosen = st.selectbox("Prompt", list(by_place), list(by_place).index(at), key=key,
                          format_func=lambda place: by_place[place].request.label)  # fmt: skip
    if chosen != at:
        st.query_params["prompt"] = str(chosen + 1)
    return by_place[chosen]


def watched(job_id: str, place: int, settled: bool) -> None:
    """Draws the run, again and again until nothing more comes of itself."""
    if st.session_state.pop("runs.whole", False):
        st.rerun()
    with page.trouble():
        job = work.find(job_id)
        if job is None:
            st.rerun()
        complete = show(history.prompts(job)[place])
        if complete != settled:
            if complete:
                st.session_state["runs.settled"] = (job_id, place, data.stamp())
            else:
                st.session_state.pop("runs.settled", None)
            said.rerun()
    said.over()


def show(asked: history.Asked) -> bool:
    """Draws it; whether nothing is awaited."""
    running = asked.job.state in job_list.WORKING
    atlas, found = history.landed(asked)
    left, right = st.columns([1, 1.1], gap="large")
    with left, st.container(key="card-run"):
        run_story.question(asked, link(asked))
    with right:
        if found is None:
            awaited = asked.template is not None and asked.item.state in (*job_list.WORKING, "done")
            page.quiet(
                "Reading its answers." if awaited else "No answer of it is kept, so there is no place to tell of."
            )
        else:
            awaited = not found.complete
            run_story.stages(atlas, found)
    there = found is None or run_answers.answers(atlas, asked, found)
    run_story.versions(asked)
    return there and not awaited and not running


def link(asked: history.Asked) -> str:
    """The address of this page for others."""
    place = urlparse(st.context.url or "")
    server = f"{place.scheme}://{place.netloc}{place.path}" if place.netloc else "/runs"
    return f"{server}?{urlencode(run_story.address_of(asked), doseq=True)}"


draw()
