"""`fute ask`: one text put to classifiers and prompts."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from fute_core.cli.device import on_device
from fute_core.cli.output import emit_json, emit_table, note, progress_bars, say
from fute_core.display import kind_name
from fute_core.errors import BadInput, FuteError

if TYPE_CHECKING:
    from fute_core.analysis.asking import Asked, Reply
    from fute_core.atlas.atlas import Atlas
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.tasks import Kind

MOST_LABELS = 3


@click.command()
@click.argument("text")
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option("--second", metavar="TEXT", help="The second text, for those that read pairs.")
@click.option("--near", metavar="ITEM", help="Ask ITEM and the classifiers and prompts most similar to it.")
@click.option("-k", type=click.IntRange(min=1), default=4, show_default=True, help="How many of each kind near ITEM.")
@click.option("--encoder", metavar="ENCODER", help="Ask it as well, by a sentence for each label of the first one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@on_device
def ask(
    text: str, names: tuple[str, ...], second: str | None, near: str | None, k: int, encoder: str | None, as_json: bool
) -> None:
    """What classifiers and prompts answer to a TEXT of yours.

    NAMES are classifiers and prompts of the atlas; a dataset stands for the classifiers that were trained on it.
    Shipped classifiers are trained again from their rows, and prompts are put to their language model. Nothing that is
    asked takes a name in the store.
    """
    from fute_core.analysis.asking import askable, by_labels, checked, reply_json
    from fute_core.analysis.respondents import named, whom_to_ask
    from fute_core.atlas.atlas import open_atlas
    from fute_core.evaluation.parts.again import asked_about
    from fute_core.store.store import open_store

    if not names and near is None:
        raise BadInput("Name whom to ask, or give --near ITEM.")
    pair = second is not None
    about = checked(text if second is None else (text, second), pair)
    atlas = open_atlas(pair, open_store())
    _check_known(atlas, [*names, *([] if near is None else [near])])
    items = named(atlas, names)
    if near is not None:
        of_it = [i for i in atlas.items if i.embedding.name == near]
        if not of_it:
            raise BadInput(f"Nothing here is called {near!r}; `fute list embeddings` has the names.")
        items = list({i.embedding.key: i for i in (*items, *whom_to_ask(atlas, of_it[0], k))}.values())
    requests = _requests()
    who: list[tuple[str, Kind, Callable[[], Asked]]] = [
        (i.embedding.name, i.embedding.kind, partial(askable, i, requests)) for i in items
    ]
    if encoder is not None:
        by = by_labels(encoder, items[0])
        who.append((by.name, by.kind, lambda: by))
    rows = []
    with progress_bars(not as_json) as bars:
        for done, (name, kind, opened) in enumerate(who, 1):
            try:
                found: Reply | str = asked_about(opened(), about)
            except FuteError as error:
                found = str(error)
            rows.append(reply_json(name, kind, found))
            bars.update("asked", done, len(who))
    if as_json:
        emit_json({"text": about, "answers": rows})
    else:
        _show(rows)
    if all(row["problem"] for row in rows):
        raise SystemExit(2)


def _check_known(atlas: "Atlas", names: Sequence[str]) -> None:
    """Say so where what is named is in no atlas, or reads pairs in place of single texts, or the other way round."""
    from fute_core.atlas.atlas import open_atlas
    from fute_core.space.comparable import check_comparable
    from fute_core.store.store import open_store

    unknown = set(names) - {item.embedding.name for item in atlas.items}
    if not unknown:
        return
    pair = atlas.probes.pair
    for item in open_atlas(not pair, open_store()).items:
        if item.embedding.name in unknown:
            reads = "one text; leave out --second" if pair else "pairs of texts; give the second with --second"
            raise BadInput(f"{item.embedding.name!r} reads {reads}.")
    store = open_store()
    made_otherwise = [header for header in store.headers() if header.name in unknown]
    for other in store.embeddings_of(made_otherwise[:1]):
        check_comparable([*(item.embedding for item in atlas.items), other])


def _show(rows: list[dict[str, Any]]) -> None:
    cells = [(r["name"], kind_name(r["kind"]), r["answer"], _shown(r)) for r in rows]
    emit_table("Answers", ("asked", "kind", "answer", "probabilities"), cells)
    for row in rows:
        if row["thought"]:
            say(f"{row['name']} reasoned: {' '.join(row['thought'].split())}")
    for row in rows:
        if row["problem"]:
            note(f"{row['name']}: {row['problem']}")
        elif not row["same"]:
            note(f"{row['name']}: what answers is not quite what lies in the atlas; files or libraries have changed.")
        elif row["cut"]:
            note(f"{row['name']}: it has read the beginning of the text alone.")


def _requests() -> "dict[str, EmbedRequest]":
    """What jobs have embedded, by the key of the embedding."""
    from fute_core.jobs import list_jobs

    return {item.key: item.request for job in list_jobs() for item in job.items if item.key}


def _shown(row: dict[str, Any]) -> str:
    """The likeliest labels, the first of them first."""
    if row["score"] is not None:
        return f"{row['score']:.2f}"
    ranked = sorted(row["probabilities"].items(), key=lambda pair: -pair[1])
    more = f", {len(ranked) - MOST_LABELS} more" if len(ranked) > MOST_LABELS else ""
    return ", ".join(f"{label} {p:.2f}" for label, p in ranked[:MOST_LABELS]) + more


def register(main: click.Group) -> None:
    """Add `fute ask` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(ask)
