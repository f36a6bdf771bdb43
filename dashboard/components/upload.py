"""Bringing a labelled dataset: the file, which column is what, what it would be, and the request to embed it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.components import page
from dashboard.reads import brought
from dashboard.session.text import html_text, md, plural
from fute_core.datasets import uploads
from fute_core.errors import FuteError, Undecided

if TYPE_CHECKING:
    from pathlib import Path

    from fute_core.datasets.previews import Preview
    from fute_core.datasets.tables import Table
    from fute_core.datasets.uploads import Upload

TYPES = ["csv", "tsv", "tab", "txt", "jsonl", "ndjson", "json", "parquet"]
NO_PAIR = "none: single texts"
BAR_LABELS = 20
SHOWN_ROWS = 5
ANSWERS = {
    "kind": ("Labels or scores?", {"labels": {"regression": False}, "scores": {"regression": True}}),
    "case": ("One label or several?", {"one label": {"label_case": "merge"}, "as written": {"label_case": "keep"}}),
}
"""How a choice is asked for that the file leaves open, and what each answer means."""
MEGABYTES = 50


@dataclass(frozen=True)
class AnswersSeen:
    """A file of answers. n : probe texts answered. labels : none for scores."""

    n: int
    labels: tuple[str, ...]
    notes: tuple[str, ...]


def draw(taken: Collection[str] = ()) -> "Upload | None":
    """The whole form; returns the upload once the user asks to add it, kept on disk and listed.

    taken : names of other datasets, which no upload may have.
    """
    file = st.file_uploader(
        "Labelled texts", TYPES, key="upload-file", max_upload_size=MEGABYTES,
        help="CSV, TSV, JSON or Parquet with a column of texts and a column of labels, up to 50 MB and "
        "200,000 rows. It stays on this machine.",
    )  # fmt: skip
    if file is None:
        with page.trouble():
            brought.forget_unused()
        page.quiet(
            "A table with a text and a label in each row; text pairs have two columns of texts. The columns are "
            "guessed by what they hold, and shown for you to change. Questions with passages and answers, as in SQuAD, "
            "become pairs."
        )
        return None
    try:
        path = brought.keep(file.getvalue(), file.name)
        table = _table(str(path))
    except FuteError as error:
        st.error(md(error))
        return None
    raw_rows(table)
    if tagged := _tagged(table):
        st.error(md(tagged))
        return None
    if vectors := [name for name in table.columns if _is_vector(table.rows[0].get(name))]:
        page.notice(
            f"{', '.join(map(repr, vectors))}: vectors are not read here; on Two maps they lie beside the space."
        )
    chosen = columns(table, path.stem)
    seen = decided(path, chosen)
    if seen is None:
        return None
    describe(seen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Name", uploads.title_of(file.name), max_chars=60, key=f"upload-name-{path.stem}")
        family = st.text_input("Family, if you like", placeholder="sentiment", max_chars=40, key="upload-family")
    clash = title.strip() in taken and brought.known(path.stem) is None
    if clash:
        st.error(md(f"Another dataset is called {title.strip()!r}; choose another name."))
    pressed = st.button("Add and embed", type="primary", key="upload-add", disabled=clash or not title.strip())
    if not title.strip():
        page.quiet("It still needs a name.")
    if not pressed:
        return None
    names = {"text_column": seen.text, "text_pair_column": seen.text_pair, "label_column": seen.label}
    upload = uploads.Upload(
        path.stem,
        path,
        title.strip(),
        {**names, "regression": chosen["regression"], "label_case": chosen.get("label_case")},
        family.strip() or None,
        seen.pair,
    )
    uploads.remember(upload)
    return upload


def raw_rows(table: "Table") -> None:
    """The first rows of what was read."""
    page.eyebrow("The file as a table")
    shown = [{name: _cell(row.get(name)) for name in table.columns} for row in table.rows[:SHOWN_ROWS]]
    st.dataframe(shown, hide_index=True, width="stretch", height="content")


def columns(table: "Table", key: str) -> dict[str, Any]:
    """Which column is what, as the user says, starting from what is likeliest."""
    from fute_core.datasets.columns import guess_columns

    names = list(table.columns)
    found = guess_columns(table)
    for question in found.open.values():
        page.notice(f"{_without_options(question)} The likeliest is chosen below; change it where it is wrong.")
    with st.container(horizontal=True):
        text = st.selectbox("Text", names, _index(names, found.text), placeholder="Choose", key=f"upload-text-{key}")
        pair = st.selectbox(
            "Second text", [NO_PAIR, *names], _index([NO_PAIR, *names], found.text_pair or NO_PAIR),
            key=f"upload-pair-{key}",
        )  # fmt: skip
        label = st.selectbox(
            "Label", names, _index(names, found.label), placeholder="Choose", key=f"upload-label-{key}"
        )
        kinds = {"by the column": None, "classes": False, "scores": True}
        kind = st.selectbox("Labels are", list(kinds), key=f"upload-kind-{key}")
    return {
        "text": text, "text_pair": None if pair == NO_PAIR else pair, "label": label, "regression": kinds[kind],
    }  # fmt: skip


def decided(path: "Path", chosen: dict[str, Any]) -> "Preview | None":
    """How the file reads, once nothing is open; `chosen` learns the answers. A choice is asked for, a fault told."""
    for place, name in (("text", "Text"), ("label", "Label")):
        if chosen[place] is None:
            page.notice(f"No column is plainly the {place}: choose it in the box {name} above.")
            return None
    try:
        return _preview(str(path), **chosen)
    except Undecided as question:
        asked, answers = ANSWERS[question.what]
        page.notice(_without_options(str(question)))
        answer = st.radio(
            asked, list(answers), index=None, horizontal=True,
            key=f"upload-{question.what}-answer-{path.stem}-{chosen['label']}",
        )  # fmt: skip
        if answer is None:
            return None
        chosen |= answers[answer]
    except FuteError as error:
        st.error(md(_in_words_of_the_form(str(error))))
        return None
    return decided(path, chosen)


def answers(path: "Path", table: "Table") -> dict[str, Any] | None:
    """How a file of answers reads, shown; the options that a request needs, or None while something is open."""
    how: dict[str, Any] = {}
    for _ in range(3):  # the column, the labels, and how it reads
        try:
            seen = _answers(str(path), **{k: tuple(v) if isinstance(v, list) else v for k, v in how.items()})
        except Undecided as question:
            page.notice(_without_options(str(question)).replace(path.name, "The file"))
            if question.what == "answer":
                how["answer_column"] = st.selectbox(
                    "Column of the answers", list(table.columns), None, placeholder="Choose", key=f"answers-{path.stem}"
                )
            else:
                given = st.text_input(
                    "Labels, with commas between them", key=f"answer-labels-{path.stem}", placeholder="no, yes",
                    help="The words that an answer may hold. A text with none of them, or with several, counts as no "
                    "answer.",
                )  # fmt: skip
                how["labels"] = [name.strip() for name in given.split(",") if name.strip()]
            if not next(reversed(how.values())):
                return None
        except FuteError as error:
            st.error(md(str(error).replace(path.name, "The file")))
            return None
        else:
            page.facts({"Answers": f"{seen.n:,}", "Labels": ", ".join(seen.labels[:BAR_LABELS]) or "a score"})
            for note in seen.notes:
                page.notice(note.replace(path.name, "The file"))
            return how
    return None


def _cell(value: object) -> object:
    """A cell that a table can show beside any other: nested values as JSON."""
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _without_options(question: str) -> str:
    """The question without the options of the command, since here it is answered by boxes."""
    return question.partition("; choose with")[0] + "."


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


@st.cache_data(show_spinner=False, max_entries=32)
def _answers(path: str, answer_column: str | None = None, labels: tuple[str, ...] | None = None) -> "AnswersSeen":
    from pathlib import Path

    from fute_core.datasets.probes import load_probes
    from fute_core.predictors.outputs import OutputsPredictor, read_is_pair

    probes = load_probes(read_is_pair(Path(path)))
    made = OutputsPredictor.read(Path(path), probes, answer_column=answer_column, labels=labels)
    return AnswersSeen(len(probes.ids) - made.n_missing, made.labels, made.notes)


def _tagged(table: "Table") -> str | None:
    """Why words with a tag each are not read, where there is no column of texts beside them."""
    from fute_core.datasets.columns import guess_columns, tagged_tokens

    told = tagged_tokens(table)
    return told if told and guess_columns(table).text is None else None


def _is_vector(cell: object) -> bool:
    return isinstance(cell, list) and bool(cell) and all(isinstance(number, int | float) for number in cell)


def _index(options: list[str], value: str | None) -> int | None:
    return options.index(value) if value in options else None


def _in_words_of_the_form(sentence: str) -> str:
    """Sentences name options of the command; here they are boxes above."""
    for option, box in (("--text-column", "Text above"), ("--label-column", "Label above")):
        sentence = sentence.replace(f"name it with {option}", f"choose it in the box {box}")
    return sentence
