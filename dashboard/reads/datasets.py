"""What the Datasets page lists: shipped cards, embedded items and uploads, one line each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.reads import brought, data, work
from dashboard.reads.work import WORKING
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.datasets.uploads import Upload
    from fute_core.embedding.requests import EmbedRequest

from typing import TYPE_CHECKING


@dataclass(frozen=True)
class Known:
    """A dataset. item : its point, None until it is embedded. repeats : the dataset it is redundant beside.

    labels : rows a label; zeros where only the names are known. job : how far its job is, "" for none.
    """

    name: str
    family: str | None = None
    title: str = ""
    shipped: bool = False
    rows: int = 0
    labels: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    item: "Item | None" = None
    upload: "Upload | None" = None
    repeats: str | None = None
    job: str = ""

    @property
    def id(self) -> str:
        return f"dataset:{self.name}"


def known(pair: bool) -> list[Known]:
    """All datasets of a space: by family, then name; your own first."""
    from fute_core.datasets.catalog import shipped_datasets

    items = embedded(pair)
    repeats = data.redundant(pair, "dataset") if items else {}
    jobs = running()
    found = []
    for name, card in shipped_datasets().items():
        if bool(card.get("pair")) == pair:
            found.append(
                Known(
                    name, card.get("family"), card.get("title", ""), True, card.get("train", 0) + card.get("test", 0),
                    label_counts(name), facts_of(card), items.get(name), None, repeats.get(name), jobs.get(name, ""),
                )
            )  # fmt: skip
    listed = {k.name for k in found}
    mine = {u.title: u for u in brought.listed() if u.pair == pair and u.title not in listed}
    for name in dict.fromkeys([*mine, *(n for n in items if n not in listed)]):
        item, own = items.get(name), mine.get(name)
        of_item = item.facts if item else {}
        family = (item.embedding.family if item else None) or (own.family if own else None)
        labels = dict.fromkeys(map(str, of_item.get("labels") or ()), 0)
        found.append(
            Known(
                name, family, str(of_item.get("title") or ""), bool(of_item.get("shipped")) and own is None,
                item.embedding.provenance.n_texts if item else 0, labels, facts_of(of_item), item, own,
                repeats.get(name), jobs.get(name, ""),
            )
        )  # fmt: skip
    return sorted(found, key=lambda k: (k.shipped, k.family or "~", k.name.casefold()))


def embedded(pair: bool) -> dict[str, "Item"]:
    """The datasets of the atlas by name; none where the space is empty."""
    try:
        items = data.atlas(pair).items
    except FuteError:
        return {}
    return {i.embedding.name: i for i in items if i.embedding.kind == "dataset"}


def running() -> dict[str, str]:
    """What is being embedded now: name to how far it is."""
    return {
        item.request.label: f"{item.texts_done:,} of {item.texts_total or 0:,} texts"
        for job in work.known() if job.state in WORKING
        for item in job.items if item.request.kind == "dataset" and item.state in WORKING
    }  # fmt: skip


def facts_of(card: Any) -> dict[str, Any]:
    """Licence, citation and where it comes from, as far as known."""
    names = {"Licence": "licence", "Cite": "cite", "Source": "source", "Language": "language"}
    return {shown: card.get(name) for shown, name in names.items() if card.get(name)}


def note(one: Known) -> str:
    """The quiet second line of the list."""
    state = "embedded" if one.item is not None else (one.job and "being embedded") or "not embedded"
    return ", ".join(p for p in (one.family, state, f"like {one.repeats}" if one.repeats else "") if p)


def fits(one: Known, words: str, families: Sequence[str]) -> bool:
    text = f"{one.name} {one.title} {one.family or ''}".casefold()
    return all(w in text for w in words.casefold().split()) and (not families or (one.family or "unknown") in families)


def request_of(one: Known) -> "EmbedRequest":
    """What a job needs to embed it."""
    from fute_core.embedding.requests import EmbedRequest

    return upload_request(one.upload) if one.upload is not None else EmbedRequest("dataset", one.name)


@st.cache_data(show_spinner=False, max_entries=64)
def label_counts(name: str) -> dict[str, int]:
    """Rows a label of a shipped dataset, in the order of its card."""
    from fute_core.datasets.catalog import shipped_datasets
    from fute_core.datasets.tables import read_rows
    from fute_core.home import DATA

    rows = read_rows(DATA / "datasets" / f"{name}.jsonl").rows
    counts = Counter(str(row.get("label")) for row in rows)
    labels = shipped_datasets()[name].get("labels") or sorted(counts)
    return {label: counts[label] for label in labels}


def example_rows(one: Known, n: int) -> list[dict[str, Any]]:
    """A few rows of a shipped dataset or an upload; none of what came by the command line."""
    if one.upload is None:
        return data.examples(one.name)[:n]
    columns = {k: one.upload.columns.get(k) for k in ("text_column", "text_pair_column", "label_column", "label_case")}
    return _rows_of(str(one.upload.path), one.upload.columns.get("regression"), n, **columns)


@st.cache_data(show_spinner=False, max_entries=32)
def _rows_of(path: str, regression: bool | None, n: int, **columns: str | None) -> list[dict[str, Any]]:
    from pathlib import Path

    from fute_core.datasets.previews import preview
    from fute_core.datasets.uploads import read

    names = {name.removesuffix("_column"): value for name, value in columns.items()}
    return preview(read(Path(path)), regression=regression, shown=n, **names).rows


def upload_request(upload: "Upload", limit: int | None = None) -> "EmbedRequest":
    """What a job needs to embed an upload."""
    from fute_core.embedding.requests import DEFAULT_LIMIT, EmbedRequest

    return EmbedRequest(
        "dataset", str(upload.path), name=upload.title, family=upload.family, limit=limit or DEFAULT_LIMIT,
        options={k: v for k, v in upload.columns.items() if v is not None},
    )  # fmt: skip
