"""A job in words and bars: what it is, how far, how long still, what went wrong. Pure, except for `draw`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import navigation
from dashboard.components import page
from dashboard.reads.work import WORKING
from dashboard.session.text import html_text, md, plural, shorten

if TYPE_CHECKING:
    from fute_core.jobs import Damaged, Job, JobItem

STATE_NAME = {
    "queued": "Waiting", "running": "Running", "done": "Done", "failed": "Failed", "cancelled": "Cancelled",
    "interrupted": "Interrupted",
}  # fmt: skip
GROUPS = (
    ("Now", ("running", "queued")),
    ("Needs a decision", ("failed", "interrupted")),
    ("Done", ("done",)),
    ("Cancelled", ("cancelled",)),
)
SHOWN_ITEMS = 40


@dataclass(frozen=True)
class Act:
    """What can be done with a job. asks : whether it takes something away, so that it asks first."""

    name: str
    label: str
    asks: bool = False


CANCEL = Act("cancel", "Cancel", asks=True)
RESUME = Act("resume", "Resume")
RETRY = Act("retry", "Retry what failed")
DELETE = Act("delete", "Remove from the list", asks=True)


def acts(job: "Job") -> list[Act]:
    """The buttons of a job in its state."""
    if job.state in WORKING:
        return [CANCEL]
    offered = []
    if job.state in ("interrupted", "cancelled"):
        offered.append(RESUME)
    if job.state == "failed" and (job.items_failed or job.error):
        offered.append(RETRY)
    return [*offered, DELETE]


def title(job: "Job") -> str:
    """What it embeds, by the first names; of one that asks a dataset's rows it is said."""
    names = [item.request.label for item in job.items]
    said = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    return f"{said}, on rows of a dataset" if _asks_rows(job) else said


def _asks_rows(job: "Job") -> bool:
    return any("own_rows" in item.request.options for item in job.items)


def line(job: "Job", now: datetime | None = None) -> str:
    """One quiet sentence: state, how much, how long still or since when."""
    parts = [STATE_NAME[job.state]]
    if job.state == "running" and job.cancel_flag.exists():
        parts = ["Stopping after the texts at hand"]
    if len(job.items) > 1:
        parts.append(f"{job.items_done} of {plural(len(job.items), 'item')}")
    if job.items_failed:
        parts.append(f"{job.items_failed} failed")
    if job.state == "running":
        parts += [remaining(job.eta_seconds), pace(job.texts_per_second, job.tokens_per_second)]
    elif job.state != "queued":
        if job.peak_memory:
            parts.append(f"{job.peak_memory / 1e9:.2g} GB of memory at most")
        parts.append(ago(job.finished or job.started or job.created, now))
    return ", ".join(p for p in parts if p)


def remaining(seconds: float | None) -> str:
    """ "about 40 s left"; empty while it cannot be told."""
    return "" if seconds is None else f"{duration(seconds)} left"


def pace(texts_per_second: float | None, tokens_per_second: float | None) -> str:
    """ "42 texts (1,890 tokens) a second"; a decimal where it is slow, empty while it cannot be told."""
    if texts_per_second is None:
        return ""
    tokens = f" ({tokens_per_second:,.0f} tokens)" if tokens_per_second else ""
    return f"{texts_per_second:,.{int(texts_per_second < 10)}f} texts{tokens} a second"


def duration(seconds: float) -> str:
    """ "about 40 s", "about 3 min", "about 2 h"."""
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def span(least: float, most: float) -> str:
    """ "about 40 s to 3 min" of two numbers of seconds; one where they are near enough."""
    if most <= 1.25 * least or most < 1:
        return duration((least + most) / 2)
    return f"{duration(least)} to {duration(most).removeprefix('about ')}"


def ago(moment: str, now: datetime | None = None) -> str:
    """ "12 s ago" from an ISO time; empty for what is none."""
    try:
        seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds()
    except (ValueError, TypeError):
        return ""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{max(0, int(seconds))} s ago"


def share(job: "Job") -> tuple[int, int, str]:
    """(done, total, unit) for the bar: texts where it is known how many, else items."""
    if job.texts_total:
        return min(job.texts_done, job.texts_total), job.texts_total, "texts"
    return job.items_done, len(job.items), "items"


def item_line(item: "JobItem") -> str:
    """How far one item is."""
    if item.state == "failed":
        return item.error or "Failed."
    if item.state == "running":
        return f"{item.texts_done:,} of {item.texts_total:,} texts" if item.texts_total else "Running"
    if item.state == "done":
        return "Was there already" if item.cached or item.same_as is not None else f"Done in {item.seconds:.1f} s"
    return STATE_NAME[item.state]


def way_on(job: "Job") -> tuple[str, str, dict[str, list[str]]] | None:
    """(page file, words, address parameters) of where its results are; None while there are none."""
    done = [i.request for i in job.items if i.state == "done"]
    if _asks_rows(job):  # told below the leaderboard of the run that the prompts landed in
        return "prompt_lab", "Open the Prompt lab", {}
    if any(i.request.kind == "prompt" for i in job.items):
        return ("prompt_lab", "Open in the Prompt lab", {"run": [job.id]}) if done or job.state in WORKING else None
    if not done:
        return None
    from fute_core.datasets.catalog import shipped_datasets

    first = done[0]
    kind = "dataset" if first.kind == "dataset" else "model"
    shipped = shipped_datasets().get(first.ref, {}) if kind == "dataset" else {}
    pair = bool(shipped.get("pair") or first.options.get("text_pair_column") or first.options.get("pair"))
    return "map", "Show on the map", {"sel": [f"{kind}:{r.label}" for r in done], **({"pairs": ["1"]} if pair else {})}


def draw(job: "Job", on_act: Callable[[str, Act], None], *, opened: bool = False) -> None:
    """One card: name, bar, sentence, error, buttons; the items below, folded."""
    with st.container(key=f"card-job-{job.id}"):
        st.html(
            f'<div class="item-title">{html_text(shorten(title(job), 110))}</div>'
            f'<p class="quiet"><b class="state-{job.state}">{html_text(line(job))}</b></p>'
        )
        if job.state in WORKING:
            done, total, unit = share(job)
            page.progress(done, total, "Reading texts" if unit == "texts" else "Embedding items")
        for sentence in problems(job):
            st.error(md(sentence))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if found := way_on(job):
                file, words, params = found
                st.page_link(navigation.path_of(file), label=words, query_params=params)
            for act in acts(job):
                st.button(act.label, key=f"{act.name}-{job.id}", on_click=on_act, args=(job.id, act),
                          type="tertiary" if act == DELETE else "secondary")  # fmt: skip
        if len(job.items) > 1:
            with st.expander(f"{len(job.items)} items", expanded=opened):
                _items(job.items)


def draw_damaged(job: "Damaged", on_act: Callable[[str, Act], None]) -> None:
    """The card of a job that cannot be read: why, and the one thing that can be done about it."""
    try:
        begun = datetime.strptime(job.id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC).isoformat()
    except ValueError:  # digits that are no date
        begun = ""
    said = ", ".join(filter(None, ("Cannot be read", ago(begun))))
    with st.container(key=f"card-job-{job.id}"):
        st.html(
            f'<div class="item-title">Job {html_text(job.id)}</div>'
            f'<p class="quiet"><b class="state-failed">{html_text(said)}</b></p>'
        )
        page.quiet(f"Why: {job.reason}. Remove it and start it again; the embeddings that it made stay.")
        st.button(DELETE.label, key=f"{DELETE.name}-{job.id}", on_click=on_act, args=(job.id, DELETE))


def summary(job: "Job", doing: str) -> None:
    """Title, state, bar while it works, and what went wrong: a job on the page that started it."""
    st.html(f'<div class="item-title">{html_text(title(job))}</div>')
    page.quiet(line(job))
    if job.state in WORKING:
        done, total, _ = share(job)
        page.progress(done, total if done else 0, doing)  # before the first text the total is a guess
    for sentence in problems(job):
        st.error(md(sentence))


def problems(job: "Job") -> list[str]:
    """Why it failed: the job's own sentence, and each different one of its items."""
    of_items = dict.fromkeys(i.error for i in job.items if i.state == "failed" and i.error)
    named = [error if len(job.items) == 1 else f"{_names(job.items, error)}: {error}" for error in list(of_items)[:3]]
    more = [f"and {len(of_items) - 3} other reasons, below."] if len(of_items) > 3 else []
    return [*([job.error] if job.error else []), *named, *more]


def _names(items: Sequence["JobItem"], error: str) -> str:
    names = [shorten(i.request.label, 40) for i in items if i.error == error]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _items(items: Sequence["JobItem"]) -> None:
    rows = "".join(
        f'<div class="quote"><span>{html_text(i.request.label)}</span><small>{html_text(item_line(i))}</small></div>'
        for i in items[:SHOWN_ITEMS]
    )
    st.html(rows)
    if len(items) > SHOWN_ITEMS:
        page.quiet(f"and {len(items) - SHOWN_ITEMS} more")
