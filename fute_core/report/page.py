"""Findings as one HTML file that opens anywhere: offline, interactive, readable on a phone, and fit to print."""

import html
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.display import KIND_NAME, counted
from fute_core.errors import BadInput
from fute_core.report.numbers import csv_text, figure_rows, parsed
from fute_core.space.told import CUT_OFF, GREY, STANDING, cut_off, standing_of

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item
    from fute_core.vectors import Provenance

MOST_ROWS = 2000
"""Rows of a table that are written; how many were left out is said below it."""

LARGEST_CSV = 4_000_000
"""Characters of a table that travel in the report as CSV, one finding each."""
CHANCE = ' class="chance"'
OPENS_AS_SLIDES = ' data-open="slides"'
PRESENT = '<p class="out present"><button data-present>Show as slides</button></p>'
STAGE = (
    '<div class="stage" role="toolbar" aria-label="Slides"><span class="at" aria-live="polite"></span>'
    '<button data-go="back" aria-label="Back">←</button><button data-go="on" aria-label="On">→</button>'
    '<button data-go="light" class="wide">Light or dark</button>'
    '<button data-go="full" class="wide">Full screen</button>'
    '<button data-go="print" class="wide">PDF</button><button data-go="leave">Close</button></div>'
)
STYLE, SCRIPT = (
    "".join((Path(__file__).parent / f"{part}.{kind}").read_text("utf-8") for part in ("report", "slides"))
    for kind in ("css", "js")
)
ROWS_A_SLIDE = 12
"""Rows of a table that a slide shows; the report has all."""


@dataclass(frozen=True)
class Section:
    """One finding.

    Parameters
    ----------
    title : str
        Its heading.
    content : str or sequence of mapping
        A figure as plotly JSON, or a table as rows.
    note : str
        What the reader should know, above the content.
    address : str
        Reopens the view that it came from.
    data : sequence of mapping
        The figure's numbers; where there are none they are read off the figure.
    """

    title: str
    content: str | Sequence[Mapping[str, Any]]
    note: str = ""
    address: str = ""
    data: Sequence[Mapping[str, Any]] = ()


def report(
    title: str, sections: Sequence[Section], items: Sequence["Item"] = (), made: str = "", *, slides: bool = False
) -> str:
    """Write the whole page, which can also be shown as slides.

    Parameters
    ----------
    title : str
        Heading of the page.
    sections : sequence of Section
        The findings in their order.
    items : sequence of Item
        What the findings are about; from them come the methods paragraph, versions, seeds, licences and citations.
    made : str
        When it was made, in words.
    slides : bool, default False
        Open as slides; else they begin with a button, and where the address ends in "#slides".

    Returns
    -------
    str
        One HTML document that loads nothing from anywhere.

    Raises
    ------
    BadInput
        Where there is no section, or a figure is not plotly JSON.
    """
    if not sections:
        raise BadInput("There is nothing to report yet; pin a chart or a comparison first.")
    drawn = [_section(n, section) for n, section in enumerate(sections)]
    script = f"<script>{SCRIPT}</script>"
    if any(isinstance(s.content, str) for s in sections):
        from plotly.offline import get_plotlyjs

        script = f"<script>{get_plotlyjs()}</script>{script}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>"
        f"<body{OPENS_AS_SLIDES if slides else ''}>"
        f'<header><h1>{html.escape(title)}</h1><p class="quiet">{html.escape(made)}</p>{_contents(sections, items)}'
        f"{PRESENT}</header><main>{''.join(drawn)}{_about(items)}</main>{STAGE}{script}</body></html>"
    )


def methods_paragraph(items: Sequence["Item"]) -> str:
    """Say how the vectors were made, in sentences fit for a paper.

    Parameters
    ----------
    items : sequence of Item
        What was embedded.

    Returns
    -------
    str
        Plain text; empty without items.
    """
    if not items:
        return ""
    count: Counter[str] = Counter(i.embedding.kind for i in items)
    what = ", ".join(counted(count[kind], name) for kind, name in KIND_NAME.items() if count[kind])
    made = [i.embedding.provenance for i in items]
    recipes = sorted({_recipe(p) for p in made})
    seeds = sorted({p.seed for p in made})
    versions = sorted({f"{name} {version}" for p in made for name, version in p.versions.items()})
    return (
        f"{what[:1].upper()}{what[1:]} {'was' if len(items) == 1 else 'were'} placed in one space as unified task "
        "embeddings (Wang et al., Findings of ACL 2024, arXiv 2402.14522): a dataset by its texts and labels, a "
        "classifier, and a prompt with its language model, by its answers on unlabelled probe texts. "
        f"Vectors: {'; '.join(recipes)}. Similarity is the cosine after each kind of item was calibrated; "
        "its share is that of pairs known to do different jobs that are as similar. "
        f"{'Seed' if len(seeds) == 1 else 'Seeds'}: {', '.join(map(str, seeds))}."
        + (f" Versions: {', '.join(versions)}." if versions else "")
    )


def sources(items: Iterable["Item"]) -> list[dict[str, str]]:
    """List licence, citation and source of each dataset.

    Parameters
    ----------
    items : iterable of Item
        Items of any kind; those that are no datasets are passed over.

    Returns
    -------
    list of dict
        One row a dataset, in order of name: dataset, licence ("not known" where it is not), cite, source.
    """
    return [
        {
            "dataset": i.embedding.name,
            "licence": str(i.facts.get("licence") or "not known"),
            "cite": str(i.facts.get("cite") or ""),
            "source": str(i.facts.get("source") or ""),
        }
        for i in sorted(items, key=lambda i: i.embedding.name)
        if i.embedding.kind == "dataset"
    ]


def _recipe(made: "Provenance") -> str:
    options = ", ".join(f"{k} {v}" for k, v in sorted(made.params.items()))
    probes = f", probe texts {made.probes}" if made.probes else ""
    return (
        f"{made.method}{f' ({options})' if options else ''} with {made.surrogate} ({made.surrogate_digest[:8]}){probes}"
    )


def _contents(sections: Sequence[Section], items: Sequence["Item"]) -> str:
    """Links to the findings, where there are several."""
    if len(sections) < 2:
        return ""
    links = [f'<li><a href="#finding-{n}">{html.escape(s.title)}</a></li>' for n, s in enumerate(sections)]
    methods = '<li><a href="#methods">Methods and sources</a></li>' if items else ""
    return f"<nav><ol>{''.join(links)}{methods}</ol></nav>"


def _section(number: int, section: Section) -> str:
    address = ""
    if section.address:
        shown = html.escape(section.address)
        # Any other scheme would run as a script, or lead nowhere.
        linked = f'<a href="{shown}">{shown}</a>' if section.address.startswith(("http://", "https://")) else shown
        address = f'<p class="quiet address">Reopen in Task Atlas: {linked}</p>'
    note = f'<p class="note">{html.escape(section.note)}</p>' if section.note.strip() else ""
    content, rows = section.content, section.data
    if drawn := isinstance(content, str):
        rows = rows or figure_rows(content)
        body = _figure(number, content)
    else:
        rows, body = content, _table(content)
    return (
        f'<section id="finding-{number}" class="finding"><h2>{html.escape(section.title)}</h2>{note}{body}'
        f"{_ways_out(number, section.title, drawn, rows)}{address}</section>"
    )


def _figure(number: int, content: str) -> str:
    figure = parsed(content)
    height = figure["layout"].get("height")
    height = int(height) if isinstance(height, int | float) and 0 < height < 10_000 else 520
    return (
        f'<div class="figure" id="figure-{number}" data-from="data-{number}" style="height:{height}px"></div>'
        f"{_embedded(f'data-{number}', figure)}"
    )


def _ways_out(number: int, title: str, drawn: bool, rows: Sequence[Mapping[str, Any]]) -> str:
    """Buttons: the picture for a paper, and the numbers."""
    name = html.escape("-".join(title.split())[:60] or "figure")
    text = _csv(rows)
    formats = [*(("png", "svg") if drawn else ()), *(("csv",) if text else ())]
    buttons = "".join(
        f'<button data-finding="{number}" data-format="{kind}" data-name="{name}">{kind.upper()}</button>'
        for kind in formats
    )
    return f'<p class="out">{buttons}</p>{_embedded(f"csv-{number}", text) if text else ""}'


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV; empty where there are none, or too many for a page that is to be sent around."""
    text = csv_text(rows) if rows else ""
    return text if len(text) <= LARGEST_CSV else ""


def _embedded(key: str, value: Any) -> str:
    """JSON in the page; "<" is written as an escape, so that no text in it can end the element."""
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{key}">{text}</script>'


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The first MOST_ROWS rows, and where the rest is.

    Neighbours, which have the column `STANDING`, have in place of it a line under the last that may be said to do the
    same job; those no better than chance are grey.
    """
    standings = [standing_of(row.get(STANDING)) for row in rows]
    line = cut_off(standings)
    columns = [c for c in dict.fromkeys(c for row in rows for c in row) if c != STANDING or line is None]
    numeric = {c for c in columns if all(isinstance(row.get(c), int | float | None) for row in rows)}
    side = {c: ' class="number"' if c in numeric else "" for c in columns}
    head = "".join(f"<th{side[c]}>{html.escape(str(c))}</th>" for c in columns)
    lines = [
        f"<tr{CHANCE if standing == 'chance' else ''}>"
        f"{''.join(f'<td{side[c]}>{_cell(row.get(c))}</td>' for c in columns)}</tr>"
        for row, standing in zip(rows[:MOST_ROWS], standings, strict=False)
    ]
    if line is not None:
        lines.insert(line, f'<tr class="cut-off"><td colspan="{len(columns)}">{html.escape(CUT_OFF)}</td></tr>')
    where = "in the CSV" if _csv(rows) else "left out, as too many for one page"
    more = f'<p class="quiet">{len(rows) - MOST_ROWS:,} more rows are {where}.</p>' if len(rows) > MOST_ROWS else ""
    more += f'<p class="quiet">{html.escape(GREY)}</p>' if "chance" in standings else ""
    if len(rows) > ROWS_A_SLIDE:
        more += f'<p class="quiet slides-only">The first of {len(rows):,} rows; the report has them all.</p>'
    body = "".join(lines)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}'


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else html.escape(str(value))


def _about(items: Sequence["Item"]) -> str:
    if not items:
        return ""
    known = sources(items)
    licences = f"<h2>Datasets, licences and citations</h2>{_table(known)}" if known else ""
    methods = f'<section id="methods"><h2>Methods</h2><p>{html.escape(methods_paragraph(items))}</p></section>'
    return methods + (f'<section id="sources">{licences}</section>' if licences else "")
