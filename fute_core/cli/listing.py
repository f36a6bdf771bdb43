"""`fute list`: what is shipped, installed or embedded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from fute_core.cli.output import emit_json, emit_table
from fute_core.display import kind_name
from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.tasks import Kind

KINDS = click.Choice(["dataset", "model", "prompt"])
Listing = tuple[Sequence[str], list[tuple[Any, ...]]]
"""Headings, and rows with a cell each."""


@click.command(name="list")
@click.argument("what", type=click.Choice(["datasets", "families", "models", "prompts", "embeddings"]))
@click.option("--licence", type=click.Choice(["any", "open"]), default="any", show_default=True,
              help="Datasets: only those whose licence allows every use.")  # fmt: skip
@click.option("--find", metavar="TEXT", default="", help="Embeddings: only those with TEXT in their name.")
@click.option("--kind", type=KINDS, help="Embeddings: only of this kind; a model is a classifier.")
@click.option("--family", help="Embeddings: only of this kind of task.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(what: str, licence: str, find: str, kind: "Kind | None", family: str | None, as_json: bool) -> None:
    """What is shipped, installed or embedded."""
    chosen = bool(find or kind or family)
    if chosen and what != "embeddings":
        raise BadInput("--find, --kind and --family choose among embeddings; write `fute list embeddings` with them.")
    if what == "embeddings":
        columns, rows = _embeddings(find, kind, family)
    elif what == "datasets":
        columns, rows = _datasets(licence == "open")
    else:
        columns, rows = {"families": _families, "models": _models, "prompts": _prompts}[what]()
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif rows:
        if what == "embeddings":
            rows = [(name, kind_name(kind), *rest) for name, kind, *rest in rows]
        emit_table(f"{len(rows)} {what}", columns, rows)
    elif chosen and _embeddings("", None, None)[1]:
        click.echo("No embedding fits; `fute list embeddings` shows all.")
    else:
        click.echo("No embeddings yet; make some with `fute embed dataset all`.")


def _datasets(only_open: bool) -> Listing:
    from fute_core.datasets.catalog import shipped_datasets

    columns = ("name", "family", "pair", "labels", "rows", "use", "licence", "title")
    return columns, [
        (
            c["name"],
            c["family"],
            c["pair"],
            len(c["labels"]),
            c["train"] + c["test"],
            c["use"],
            c["licence"],
            c["title"],
        )
        for c in shipped_datasets().values()
        if c["use"] == "open" or not only_open
    ]


def _families() -> Listing:
    from fute_core.datasets.catalog import shipped_datasets
    from fute_core.datasets.families import shipped_families

    of = [card["family"] for card in shipped_datasets().values()]
    columns = ("name", "group", "datasets", "about")
    return columns, [(f.name, f.group, of.count(f.name), f.about) for f in shipped_families().values()]


def _models() -> Listing:
    from fute_core.models.packaged import list_models

    columns = ("name", "kind", "installed", "package", "licence")
    return columns, [tuple(m[c] for c in columns) for m in list_models()]


def _prompts() -> Listing:
    from fute_core.templates.loading import shipped_prompts

    columns = ("name", "family", "pair", "labels")
    return columns, [(p.name, p.family, p.pair, ", ".join(p.labels)) for p in shipped_prompts().values()]


def _embeddings(text: str, kind: "Kind | None", family: str | None) -> Listing:
    """Without reading a vector; whether those that are there are sound is for `fute cache verify` to tell."""
    from fute_core.store.store import open_store

    columns = ("name", "kind", "family", "method", "surrogate", "pair", "n_texts", "dim", "seconds", "created", "key")
    store, rows = open_store(), []
    there = set(store.keys("embeddings"))
    for h in sorted(store.search(text, kind, family), key=lambda h: (h.kind, h.name)):
        if h.key in there:
            p = h.provenance
            rows.append((h.name, h.kind, h.family, p.method, p.surrogate, p.pair, p.n_texts, h.dim,
                         round(p.seconds, 2), p.created, h.key))  # fmt: skip
    return columns, rows


def register(main: click.Group) -> None:
    """Add `fute list` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(list_)
