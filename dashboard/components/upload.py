"""Bringing a labelled dataset: the file, which column is what, what it would be, and the request to embed it."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.components import page
from dashboard.reads import brought
from dashboard.session.text import html_text, md, plural
from fute_core.datasets import uploads
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.datasets.previews import Preview
    from fute_core.datasets.tables import Table
    from fute_core.datasets.uploads import Upload

TYPES = ["csv", "tsv", "jsonl", "ndjson", "json", "parquet"]
NO_PAIR = "none: single texts"
BAR_LABELS = 20
MEGABYTES = 50


def draw(taken: Collection[str] = ()) -> "Upload | None":
    """The whole form; returns the upload once the user asks to add it, kept on disk and listed.

    taken : names of other datasets, which no upload may have.
    """
    file = st.file_uploader(
        "Labelled texts", TYPES, key="upload-file", max_upload_size=MEGABYTES,
        help="CSV, TSV, JSON lines or Parquet with a column of texts and a column of labels, up to 50 MB and "
        "200,000 rows. It stays on this machine.",
    )  # fmt: skip
    if file is None:
        with page.trouble():
            brought.forget_unused()
        page.quiet(
            "A table with a text and a label in each row; text pairs have two columns of texts. Columns with the usual "
            "names are found by themselves."
        )
        return None
    try:
        path = brought.keep(file.getvalue(), file.name)
        table = _table(str(path))
    except FuteError as error:
        st.error(md(error))
        return None
    chosen = columns(table, path.stem)
    try:
        seen = _preview(str(path), **chosen)
    except FuteError as error:
        st.error(md(_in_words_of_the_form(str(error))))
        return None
    describe(seen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Name", uploads.title_of(file.name), max_chars=60, key=f"upload-name-{path.stem}")
        family = st.text_input("Family, if you like", placeholder="sentiment", max_chars=40, key="upload-family")
    clash = title.strip() in taken and brought.known(path.stem) is None
    if clash:
        st.error(md(f"Another dataset is called {title.strip()!r}; choose another name."))
    if not st.button("Add and embed", type="primary", key="upload-add", disabled=clash or not title.strip()):
        return None
    names = {"text_column": seen.text, "text_pair_column": seen.text_pair, "label_column": seen.label}
    upload = uploads.Upload(
        path.stem, path, title.strip(), {**names, "regression": chosen["regression"]}, family.strip() or None, seen.pair
    )
    uploads.remember(upload)
    return upload


def columns(table: "Table", key: str) -> dict[str, Any]:
    """Which column is what, as the user says, starting from the usual names."""
    from fute_core.datasets.columns import choose_columns

    names = list(table.columns)
    text = pair = label = None
    for known in (None, names[0]):  # where no label has a usual name, the texts may have one
        try:
            text, pair, label = choose_columns(table, None, None, known)
            label = None if known else label
            break
        except FuteError:
            continue
    usual = [c for c in (text, pair) if c]
    label = label or next((n for n in names if n.lower() in _LABELS and n not in usual), None)
    with st.container(horizontal=True):
        text = st.selectbox("Text", names, _index(names, text), placeholder="Choose", key=f"upload-text-{key}")
        pair = st.selectbox(
            "Second text", [NO_PAIR, *names], _index([NO_PAIR, *names], pair or NO_PAIR), key=f"upload-pair-{key}"
        )
        label = st.selectbox("Label", names, _index(names, label), placeholder="Choose", key=f"upload-label-{key}")
        kinds = {"by the column": None, "classes": False, "scores": True}
        kind = st.selectbox("Labels are", list(kinds), key=f"upload-kind-{key}")
    return {
        "text": text, "text_pair": None if pair == NO_PAIR else pair, "label": label, "regression": kinds[kind],
    }  # fmt: skip


def describe(seen: "Preview") -> None:
    """Rows, labels with their counts, warnings, and the first rows as they will be read."""
    what = "pairs with a score" if seen.regression and seen.pair else "pairs" if seen.pair else "texts"
    page.facts({"Rows": f"{seen.n_rows:,} {what}", "Labels": "scores" if seen.regression else f"{len(seen.labels):,}"})
    label_bars(seen.labels)
    for warning in seen.warnings:
        page.notice(warning)
    page.eyebrow("First rows, as they will be read")
    page.quotes([(row["text"], row["text_pair"] or None, row["label"]) for row in seen.rows])


def label_bars(counts: dict[str, int]) -> None:
    """Each label with its count and its share of the largest."""
    most = max(counts.values(), default=0)
    rows = "".join(
        f"<dt>{html_text(name)}</dt><dd>{n:,}<div class='bar'><i style='width:{100 * n / most:.0f}%'></i></div></dd>"
        for name, n in list(counts.items())[:BAR_LABELS]
    )
    if rows:
        st.html(f'<dl class="facts">{rows}</dl>')
    if len(counts) > BAR_LABELS:
        page.quiet(f"and {plural(len(counts) - BAR_LABELS, 'label')} more")


@st.cache_data(show_spinner="Reading the file", max_entries=8)
def _table(path: str) -> "Table":
    from pathlib import Path

    return uploads.read(Path(path))


@st.cache_data(show_spinner=False, max_entries=32)
def _preview(path: str, **chosen: Any) -> "Preview":
    from fute_core.datasets.previews import preview

    return preview(_table(path), **chosen)


_LABELS = ("label", "labels", "target", "class", "category", "gold_label", "score")


def _index(options: list[str], value: str | None) -> int | None:
    return options.index(value) if value in options else None


def _in_words_of_the_form(sentence: str) -> str:
    """Sentences name options of the command; here they are boxes above."""
    for option, box in (("--text-column", "Text above"), ("--label-column", "Label above")):
        sentence = sentence.replace(f"name it with {option}", f"choose it in the box {box}")
    return sentence
