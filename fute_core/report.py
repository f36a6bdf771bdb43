"""Findings as one HTML file that opens anywhere: offline, interactive, readable on a phone, and fit to print."""

import html
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.gallery import Item

MOST_ROWS = 2000
"""Rows of a table that are written; how many were left out is said below it."""

STYLE = """
:root { color-scheme: light; --ink: #1b1f23; --quiet: #5d656d; --hair: #deded8; --paper: #fcfcfa; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.2rem 4rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 "IBM Plex Sans", system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; } h2 { font-size: 1.2rem; margin: 0 0 .4rem; }
section { border-top: 1px solid var(--hair); padding: 1.4rem 0 .6rem; margin-top: 1.4rem; }
.quiet { color: var(--quiet); font-size: .9rem; } .note { white-space: pre-wrap; overflow-wrap: anywhere; }
.figure { width: 100%; min-height: 24rem; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; width: 100%; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--hair); vertical-align: top;
  overflow-wrap: anywhere; }
td { font-variant-numeric: tabular-nums; }
button { font: inherit; font-size: .85rem; padding: .15rem .6rem; border: 1px solid var(--hair); border-radius: 4px;
  background: none; color: inherit; cursor: pointer; }
@media print { body { max-width: none; padding: 0; background: #fff; } button { display: none; }
  section { break-inside: avoid; } }
"""

SCRIPT = """
for (const box of document.querySelectorAll(".figure")) {
  const figure = JSON.parse(document.getElementById(box.dataset.from).textContent);
  Object.assign(figure.layout, { autosize: true, width: undefined });
  Plotly.newPlot(box, figure.data, figure.layout, { responsive: true, displaylogo: false });
}
for (const button of document.querySelectorAll("button[data-format]")) {
  button.onclick = () => Plotly.downloadImage(document.getElementById(button.dataset.figure), {
    format: button.dataset.format, filename: button.dataset.name, width: 1000, height: 640, scale: 3 });
}
addEventListener("beforeprint", () => document.querySelectorAll(".figure").forEach((box) => Plotly.Plots.resize(box)));
"""


@dataclass(frozen=True)
class Section:
    """One finding. content : a figure as plotly JSON, or a table as rows; address : reopens the view it came from."""

    title: str
    content: str | Sequence[Mapping[str, Any]]
    note: str = ""
    address: str = ""


def report(title: str, sections: Sequence[Section], items: Sequence["Item"] = (), made: str = "") -> str:
    """The whole page as a string.

    items : what the findings are about; from them come the methods paragraph, versions, seeds, licences and citations.
    made : when, in words. Raises BadInput where there is no section, or a figure is not plotly JSON.
    """
    if not sections:
        raise BadInput("There is nothing to report yet; pin a chart or a comparison first.")
    drawn = [_section(n, section) for n, section in enumerate(sections)]
    script = ""
    if any(isinstance(s.content, str) for s in sections):
        from plotly.offline import get_plotlyjs

        script = f"<script>{get_plotlyjs()}</script><script>{SCRIPT}</script>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>"
        f'<h1>{html.escape(title)}</h1><p class="quiet">{html.escape(made)}</p>'
        f"{''.join(drawn)}{_about(items)}{script}</body></html>"
    )


def methods_paragraph(items: Sequence["Item"]) -> str:
    """How the vectors were made, in sentences fit for a paper. Empty without items."""
    if not items:
        return ""
    count = Counter(i.embedding.kind for i in items)
    what = ", ".join(
        f"{count[kind]} {name}{'' if count[kind] == 1 else 's'}"
        for kind, name in (("dataset", "dataset"), ("model", "classifier"), ("prompt", "prompted language model"))
        if count[kind]
    )
    made = [i.embedding.provenance for i in items]
    recipes = sorted({_recipe(p) for p in made})
    seeds = sorted({p.seed for p in made})
    versions = sorted({f"{name} {version}" for p in made for name, version in p.versions.items()})
    return (
        f"{what[:1].upper()}{what[1:]} were placed in one space as unified task embeddings (Wang et al., Findings of "
        "ACL 2024, arXiv 2402.14522): a dataset by its texts and labels, a classifier or a prompted language model by "
        f"its answers on unlabelled probe texts. Vectors: {'; '.join(recipes)}. Similarity is the cosine after each "
        "kind of item was calibrated; its share is that of pairs known to do different jobs that are as similar. "
        f"{'Seed' if len(seeds) == 1 else 'Seeds'}: {', '.join(map(str, seeds))}."
        + (f" Versions: {', '.join(versions)}." if versions else "")
    )


def sources(items: Iterable["Item"]) -> list[dict[str, str]]:
    """Licence, citation and source of each dataset, by name; what is not known says so."""
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


def _recipe(made: Any) -> str:
    options = ", ".join(f"{k} {v}" for k, v in made.params.items())
    probes = f", probe texts {made.probes}" if made.probes else ""
    return (
        f"{made.method}{f' ({options})' if options else ''} with {made.surrogate} ({made.surrogate_digest[:8]}){probes}"
    )


def _section(number: int, section: Section) -> str:
    address = ""
    if section.address:
        address = f'<p class="quiet">Reopen in Task Atlas: <code>{html.escape(section.address)}</code></p>'
    note = f'<p class="note">{html.escape(section.note)}</p>' if section.note.strip() else ""
    body = _figure(number, section) if isinstance(section.content, str) else _table(section.content)
    return f"<section><h2>{html.escape(section.title)}</h2>{note}{body}{address}</section>"


def _figure(number: int, section: Section) -> str:
    try:
        figure = json.loads(section.content)
        figure = {"data": list(figure["data"]), "layout": dict(figure["layout"])}
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"The figure of {section.title!r} cannot be read; pin it again.") from error
    # "<" is written as an escape, so that no text of a figure can end the script element.
    data = json.dumps(figure).replace("<", "\\u003c")
    height = int(figure["layout"].get("height") or 520)
    name = html.escape("-".join(section.title.split())[:60] or "figure")
    buttons = " ".join(
        f'<button data-figure="figure-{number}" data-format="{kind}" data-name="{name}">{kind.upper()}</button>'
        for kind in ("png", "svg")
    )
    return (
        f'<div class="figure" id="figure-{number}" data-from="data-{number}" style="height:{height}px"></div>'
        f'<script type="application/json" id="data-{number}">{data}</script><p>{buttons}</p>'
    )


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    head = "".join(f"<th>{html.escape(str(c))}</th>" for c in columns)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(row.get(c))}</td>' for c in columns)}</tr>" for row in rows[:MOST_ROWS])
    more = f'<p class="quiet">{len(rows) - MOST_ROWS:,} more rows are in the CSV.</p>' if len(rows) > MOST_ROWS else ""
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
    return f"<section><h2>Methods</h2><p>{html.escape(methods_paragraph(items))}</p>{licences}</section>"
