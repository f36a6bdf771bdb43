"""A run as a story: what was asked of which model, what was told after each stage, and what it was before."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import navigation
from dashboard.components import job_list, marks, page, prompt_editor, prompt_reading, template_diff
from dashboard.reads import history
from dashboard.reads.places import Landed, nearest
from dashboard.session import state
from dashboard.session.text import html_text, md, number, plural

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas


def question(asked: history.Asked, link: str) -> None:
    """The prompt as it was asked, of which model, how; and what can be done with it. link : to this page."""
    template, request = asked.template, asked.request
    st.html(f'<div class="item-title">{marks.named("prompt", request.family, request.label)}</div>')
    page.quiet(job_list.line(asked.job))
    for sentence in job_list.problems(asked.job):
        st.error(md(sentence))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-actions"):
        if template is not None and st.button("Edit a copy", type="primary", key="runs-copy"):
            copy(asked)
        st.page_link(navigation.path_of("prompt_lab"), label="See it land in the Prompt lab",
                     query_params={**state.params(), "run": [asked.job.id]})  # fmt: skip
        with st.popover("Link to this run"):
            st.code(link, language=None)
            page.quiet("It opens for everybody who can see this dashboard, as long as the run is on this computer.")
    if template is None:
        page.notice("The file with its template is gone, so neither its words nor its answers can be shown.")
        st.code(request.template or request.label, language=None, wrap_lines=True)
    else:
        page.eyebrow("Template")
        st.code(template.source, language=None, wrap_lines=True)
    page.facts({**history.settings(asked), "Started": asked.job.created[:16].replace("T", " ")})


def copy(asked: history.Asked) -> None:
    """The prompt into the lab's form, under the next free name, and there."""
    with page.trouble():
        prompt_editor.fill_with(asked.request, copied=True)
        st.session_state["run"] = asked.job.id
        state.go(navigation.path_of("prompt_lab"))


def stages(atlas: "Atlas", found: Landed) -> None:
    """The verdict after each stage of the landing, the last in full."""
    rows = ""
    told = history.verdicts(atlas, found)
    for after, judged in told:
        if judged is None:
            continue
        head, why = prompt_reading.verdict_words(judged, all_texts=after.last.n >= len(atlas.probes.texts))
        last = after.last is found.last
        item, cosine, *_ = nearest(atlas, after, "dataset", 1)[0]
        said = why if last else f"Nearest is {item.embedding.name}, similarity {number(cosine)}."
        rows += (
            f'<li class="{"last" if last else ""}"><b>{after.last.n:,}</b>'
            f"<div>{html_text(head)}<small>{html_text(said)}</small></div></li>"
        )  # fmt: skip
    if not rows:
        page.quiet("There is no dataset in this space that it could be held against.")
        return
    page.eyebrow("Verdict after so many probe texts")
    st.html(f'<ol class="stages">{rows}</ol>')


def versions(asked: history.Asked) -> None:
    """An earlier run that it may stem from, word by word beside it."""
    page.section("Earlier versions", "Runs before this one with the same name, or with most words in common.")
    known = history.earlier(asked)
    if asked.template is None or not known:
        page.quiet("There is none.")
        return
    names = {n: f"{other.request.label}  ({other.job.created[:19].replace('T', ' ')})" for n, other in enumerate(known)}
    place = st.selectbox(f"One of {plural(len(known), 'earlier version')}", list(names), format_func=names.get,
                         key=f"runs-before-{asked.job.id}-{asked.place}")  # fmt: skip
    before = known[place]
    st.button("Open that run", key="runs-open", on_click=open_run, args=(before,))
    if before.template.source == asked.template.source:
        page.quiet("The template is the same, word by word.")
    else:
        page.eyebrow("Before", "After")
        template_diff.side_by_side(before.template.source, asked.template.source)
    if changed := history.changes(before, asked):
        page.eyebrow("What else changed")
        st.dataframe(changed, hide_index=True)
    else:
        page.quiet("Model, answers and settings are the same.")


def open_run(asked: history.Asked) -> None:
    """From a fragment, whose page has to be drawn anew."""
    st.session_state["runs-run"] = st.session_state["runs.written"] = asked.job.id
    st.query_params.pop("prompt", None)
    for name, values in address_of(asked).items():
        st.query_params[name] = values[0]
    st.session_state["runs.whole"] = True


def address_of(asked: history.Asked) -> dict[str, list[str]]:
    """Address parameters of a run's page; which prompt only where there are several."""
    which = {"prompt": [str(asked.place + 1)]} if len(asked.job.items) > 1 else {}
    return {"run": [asked.job.id], **which}


def unknown(run: str, others: bool) -> str:
    """For an address that names a run that is not here. others : there are some to choose from."""
    below = " Choose one below." if others else ""
    return f"The run {md(run)} of this link is not here: it was removed, or it is elsewhere.{below}"
