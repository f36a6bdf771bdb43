"""`fute list`: what is shipped, installed or embedded."""

from collections.abc import Sequence
from typing import Any

import click

from fute_core.cli.output import emit_json, emit_table
from fute_core.display import kind_name

Listing = tuple[Sequence[str], list[tuple[Any, ...]]]
"""Headings, and rows with a cell each."""


@click.command(name="list")
@click.argument("what", type=click.Choice(["datasets", "families", "models", "prompts", "embeddings"]))
@click.option("--licence", type=click.Choice(["any", "open"]), default="any", show_default=True,
              help="Datasets: only those whose licence allows every use.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(what: str, licence: str, as_json: bool) -> None:
    """What is shipped, installed or embedded."""
    listings = {"families": _families, "models": _models, "prompts": _prompts, "embeddings": _embeddings}
    columns, rows = _datasets(licence == "open") if what == "datasets" else listings[what]()
    if as_json:
        emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif rows:
        if what == "embeddings":
            rows = [(name, kind_name(kind), *rest) for name, kind, *rest in rows]
        emit_table(f"{len(rows)} {what}", columns, rows)
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


def _embeddings() -> Listing:
    from fute_core.store.store import open_store

    columns = ("name", "kind", "family", "method", "surrogate", "pair", "n_texts", "dim", "seconds", "created", "key")
    rows = []
    for e in sorted(open_store().embeddings(), key=lambda e: (e.kind, e.name)):
        p = e.provenance
        rows.append((e.name, e.kind, e.family, p.method, p.surrogate, p.pair, p.n_texts, e.length,
                     round(p.seconds, 2), p.created, e.key))  # fmt: skip
    return columns, rows


def register(main: click.Group) -> None:
    """Add `fute list` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(list_)
