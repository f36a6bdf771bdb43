"""Jobs: everything that runs, waits, is done or has failed, and what can be done about it."""

import streamlit as st

from dashboard import navigation
from dashboard.components import job_list, page
from dashboard.components.job_list import Act
from dashboard.reads import work
from dashboard.session import state
from dashboard.session.text import md
from fute_core.errors import FuteError

MOST_SHOWN = 30


def draw() -> None:
    page.heading(
        "Jobs",
        "Embeddings are made in processes of their own: they go on when you close this page or restart the server.",
    )
    with st.container(key="jobs", gap="medium"):
        board()
    asking = st.session_state.pop("jobs.asking", None)
    if asking:
        ask(*asking)


@st.fragment(run_every=1.0)
def board() -> None:
    """Reads the disk once a second; the rest of the page stays as it is."""
    if st.session_state.pop("jobs.whole", False):
        st.rerun()  # a question stands over the whole page, not in this part of it
    jobs, damaged = work.with_damaged()
    if problem := st.session_state.pop("jobs.problem", None):
        st.error(md(problem))
    if not jobs and not damaged:
        page.empty(
            "No jobs yet",
            "Write a prompt in the Prompt lab, upload a dataset, or add a model: each is embedded as a job and shows "
            "up here.",
        )
        with st.container(horizontal=True, gap="small", key="jobs-first"):
            for file in ("prompt_lab", "datasets", "models"):
                entry = next((e for e in navigation.present() if e.file == file), None)
                if entry:
                    st.page_link(navigation.path_of(file), label=entry.title, query_params=state.params())
        return
    if damaged:
        page.eyebrow("Damaged", str(len(damaged)))
        for unreadable in damaged.values():
            job_list.draw_damaged(unreadable, asked)
    shown = 0
    for name, states in job_list.GROUPS:
        group = [job for job in jobs if job.state in states]
        if not group:
            continue
        page.eyebrow(name, str(len(group)))
        for job in group[: max(0, MOST_SHOWN - shown)]:
            job_list.draw(job, asked)
        shown += len(group)
    if shown > MOST_SHOWN:
        page.quiet(f"{shown - MOST_SHOWN} older jobs are not shown; remove some to see them.")


def asked(job_id: str, act: Act) -> None:
    """A button of a job: what takes something away asks first."""
    if act.asks:
        st.session_state["jobs.asking"] = (job_id, act)
        st.session_state["jobs.whole"] = True
    else:
        carry_out(job_id, act.name)


def carry_out(job_id: str, name: str) -> None:
    try:
        work.act(job_id, name)
    except FuteError as error:
        st.session_state["jobs.problem"] = str(error)


def ask(job_id: str, act: Act) -> None:
    job = work.find(job_id)
    if job is None and job_id not in work.with_damaged()[1]:
        return
    title = job_list.title(job) if job else job_id

    @st.dialog("Cancel this job?" if act.name == "cancel" else "Remove this job?")
    def question() -> None:
        page.quiet(title)
        st.text(
            "What is finished stays in the store, and the answers read so far are kept: resuming goes on from there."
            if act.name == "cancel"
            else "The job leaves this list. The embeddings that it made stay."
        )
        with st.container(horizontal=True):
            if st.button("Cancel the job" if act.name == "cancel" else "Remove it", type="primary", key="jobs-yes"):
                carry_out(job_id, act.name)
                st.rerun()
            if st.button("Keep it" if act.name == "delete" else "Let it run", key="jobs-no"):
                st.rerun()

    question()


draw()
