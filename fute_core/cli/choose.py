"""Choosing: `fute select` among prompts for a dataset, `fute cover` the few that stand for the rest."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from fute_core.cli import endpoint
from fute_core.cli.device import on_device
from fute_core.cli.output import emit_json, emit_table, note, progress_bars, say
from fute_core.display import kind_name

if TYPE_CHECKING:
    from fute_core.analysis.own_texts import OwnTexts
    from fute_core.store.store import Store
    from fute_core.tasks import Kind


@click.command()
@click.option("--target", required=True, metavar="DATASET", help="Embedded or shipped name, file, or Hub id.")
@click.argument("refs", nargs=-1, required=True, metavar="PROMPTS...")
@click.option(
    "--model",
    default="smollm2",
    show_default=True,
    help="Language model: packaged name, folder or Hub id, or the endpoint's.",
)
@click.option("--probes", type=click.IntRange(min=16), help="Ask only so many probe texts.  [default: all]")
@click.option("--rows", type=click.IntRange(min=4), metavar="N",
              help="Ask N labelled rows of the dataset as well, and tell who is right most often.")  # fmt: skip
@endpoint.options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@on_device
def select(
    target: str, refs: tuple[str, ...], model: str, probes: int | None, rows: int | None, as_json: bool, **how: Any
) -> None:
    """Which of PROMPTS does the job of a dataset, without labelled rows; abstains where that cannot be told.

    PROMPTS are shipped names or families, files of templates, and names of prompts and classifiers that are embedded.
    They are ranked by how far their answers agree with the dataset's, and by a fifth with those of the others that may
    do its job; any of a group may be the best of it. "Reached by" is the share of pairs known to do different jobs that
    are as similar. Nothing that is asked takes a name in the store. With --rows prompts are asked labelled rows of the
    dataset, too, and told apart by a paired test; beside it stand how often each answers as most prompts do, and how
    much its answers tell.
    """
    from fute_core.analysis.candidates import find_candidates, find_target
    from fute_core.analysis.choosing import choose, selection_json
    from fute_core.atlas.same_texts import atlas_basis
    from fute_core.store.unnamed import UnnamedStore

    options = endpoint.chosen(how)
    store = UnnamedStore()
    atlas, item = find_target(target, store)
    with progress_bars(not as_json) as bars:
        candidates = find_candidates(atlas, refs, model, store, probes, bars.update, options)
    found = choose(atlas, item, candidates, atlas_basis(atlas, store))
    document = selection_json(atlas, item, found, candidates)
    own = None if rows is None else _on_rows(target, rows, refs, model, store, options, not as_json)
    if as_json:
        emit_json(document | ({} if own is None else {"rows": asdict(own)}))
        return
    shown = [
        (
            r["group"],
            r["name"],
            r["family"],
            r["agreement"],
            r["share"],
            r["similarity"],
            f"{r['low']:z.3f} to {r['high']:z.3f}",
        )
        for r in document["ranking"]
    ]
    title = f"For {document['target']}, on {found.n_texts} probe texts"
    emit_table(title, ("group", "name", "family", "agreement", "reached by", "similarity", "95 % interval"), shown)
    say(found.reason)
    if own is not None:
        _show_rows(own)


def _on_rows(
    target: str, n: int, refs: tuple[str, ...], model: str, store: "Store", options: dict[str, Any], shows: bool
) -> "OwnTexts":
    """What the prompts among the candidates say on rows of the target."""
    from fute_core.analysis.asked_texts import rank_on_rows
    from fute_core.embedding.own_rows import rows_of
    from fute_core.embedding.requests import EmbedRequest

    with progress_bars(shows) as bars:
        return rank_on_rows(rows_of(EmbedRequest("dataset", target), n), refs, model, store, bars.update, options)


def _show_rows(own: "OwnTexts") -> None:
    rows = [(r.group, r.name, r.right, r.with_vote, r.information, r.entropy) for r in own.ranking]
    title = f"On {own.n_texts} of its own rows, label priors removed"
    emit_table(title, ("group", "name", "right", "with the vote", "mutual information", "entropy"), rows)
    if own.left_out:
        note(f"Left out, with fewer than two of its labels: {', '.join(own.left_out)}")
    say(own.reason)


@click.command()
@click.option("-k", type=click.IntRange(min=1), default=5, show_default=True, help="How many are chosen.")
@click.option("--kind", type=click.Choice(["dataset", "model", "prompt"]), default="dataset", show_default=True,
              help="Of what; a model is a classifier.")  # fmt: skip
@click.option("--family", "families", multiple=True, help="Only those of a family; may be given several times.")
@click.option("--pairs/--single", default=False, help="Text pairs, or single texts.  [default: single]")
@click.option("--curve", is_flag=True, help="How well 1, 2, 3 and more stand for all, beside as many chosen by lot.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cover(k: int, kind: "Kind", families: tuple[str, ...], pairs: bool, curve: bool, as_json: bool) -> None:
    """The few datasets (classifiers, prompts) that stand for the rest, and which repeat another one."""
    from fute_core.analysis.representatives import cover_curve, cover_json
    from fute_core.atlas.atlas import open_atlas
    from fute_core.errors import BadInput
    from fute_core.store.store import open_store

    atlas = open_atlas(pairs, open_store())
    among = None
    if families:
        of_kind = [i.embedding for i in atlas.items if i.embedding.kind == kind]
        if unknown := set(families) - {e.family for e in of_kind}:
            raise BadInput(f"No {kind_name(kind)} here is of family {min(unknown)!r}; see `fute list families`.")
        among = {e.name for e in of_kind if e.family in families}
    if curve:
        points = cover_curve(atlas, kind, among)
        if as_json:
            emit_json(points)
            return
        columns = ("chosen", "stood for", "by lot", "mean similarity", "similarity by lot")
        emit_table(f"How many {kind_name(kind)}s are alike to one that is chosen", columns,
                   [tuple(row.values()) for row in points])  # fmt: skip
        return
    document = cover_json(atlas, k, kind, among)
    if as_json:
        emit_json(document)
        return
    _show(document)


def _show(document: dict[str, Any]) -> None:
    from fute_core.space.scale import FEW_TEXTS

    kinds, coverage = f"{kind_name(document['kind'])}s", document["coverage"]
    rows = [
        (c["name"], c["family"], ", ".join(s["name"] for s in c["stands_for"]) or "itself") for c in document["chosen"]
    ]
    title = f"{len(rows)} of {document['n']} {kinds} stand for the rest (mean similarity {coverage:.2f})"
    emit_table(title, ("chosen", "family", "stands for"), rows)
    if document["unlike"]:
        say(f"Not like any of these: {', '.join(document['unlike'])}")
    if document["too_small"]:
        note(f"Left out, with fewer than {FEW_TEXTS} texts: {', '.join(document['too_small'])}")
    if document["silent"]:
        note(f"Left out, since their places say nothing (see `fute neighbours`): {', '.join(document['silent'])}")
    if document["redundant"]:
        rows = [(r["name"], r["repeats"], r["similarity"]) for r in document["redundant"]]
        title = (
            "Redundant: as alike as the closest quarter of pairs known to do the same job, and more than any known to "
            "do different ones"
        )
        emit_table(title, ("name", "repeats", "similarity"), rows)
    elif document["threshold"] is None:
        note(f"None of the {kinds} is called redundant: too few pairs are known to do the same job to judge by.")
    else:
        note(f"None of the {kinds} is redundant: no two are as alike as the closest quarter of pairs known to do the "
             "same job, and more than any known to do different ones.")  # fmt: skip


def register(main: click.Group) -> None:
    """Add `fute select` and `fute cover` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(select)
    main.add_command(cover)
