"""Looking at the space: `fute neighbours`, `fute similarity`, `fute map`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from fute_core.cli.neighbours import emit_neighbours, interval_option
from fute_core.cli.output import emit_json, emit_table, note, say
from fute_core.display import kind_name
from fute_core.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from fute_core.space.row_spread import Over
    from fute_core.space.space import TaskSpace
    from fute_core.tasks import Kind

CALIBRATIONS = click.Choice(["none", "kind", "kind-arity"])


def space_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which of the store's spaces is meant, and how it is calibrated.

    Parameters
    ----------
    command : callable
        A command that takes method, surrogate, pairs and calibration.

    Returns
    -------
    callable
        The same command.
    """
    for option in reversed(
        [
            click.option("--method", help="Only embeddings of this method.  [default: the largest space]"),
            click.option("--surrogate", help="Only embeddings of this surrogate."),
            click.option("--pairs/--single", default=None, help="The space of text pairs, or of single texts."),
            click.option(
                "--calibration",
                type=CALIBRATIONS,
                default="kind-arity",
                show_default=True,
                help="Whose mean is taken away before comparing.",
            ),
        ]
    ):
        command = option(command)
    return command


def _open_space(names: tuple[str, ...], chosen: dict[str, Any]) -> "TaskSpace":
    from fute_core.atlas.comparable import calibrated, select_space, shipped_calibrator
    from fute_core.space.space import TaskSpace
    from fute_core.store.store import open_store

    calibration = chosen.pop("calibration")
    found = select_space(open_store().embeddings(), names=names, **chosen)
    reference = shipped_calibrator(found[0]) if calibration == "kind-arity" else None
    return calibrated(found, calibration) if reference is None else TaskSpace(found, calibrator=reference)


@click.command()
@click.argument("name")
@click.option("-k", type=click.IntRange(min=1), default=5, show_default=True, help="How many.")
@click.option(
    "--kind",
    type=click.Choice(["dataset", "model", "prompt"]),
    help="Only neighbours of this kind; a model is a classifier.",
)
@interval_option
@click.option("--fusion", type=click.Choice(["cosine", "rrf"]), default="cosine", show_default=True,
              help="Cosine, or reciprocal rank fusion over blocks.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@space_options
def neighbours(
    name: str,
    k: int,
    kind: "Kind | None",
    interval: "Over",
    fusion: Literal["cosine", "rrf"],
    as_json: bool,
    **chosen: Any,
) -> None:
    """What lies nearest to NAME in the calibrated space."""
    from fute_core.atlas.comparable import read_otherwise
    from fute_core.atlas.fewer_texts import nearest_on_fewer
    from fute_core.atlas.neighbours import nearest_of_each
    from fute_core.evaluation.parts.rows_at_hand import keep_shipped_row_draws
    from fute_core.space.readable import why_silent, why_unsure
    from fute_core.space.scale import few_texts
    from fute_core.store.session import session_store
    from fute_core.store.store import open_store

    shipped_way = chosen["calibration"] == "kind-arity" and fusion == "cosine"
    space, store = _open_space((name,), chosen), open_store()
    own = space.embeddings[space.index(name)]
    if shipped_way:
        if interval != "texts":
            try:
                keep_shipped_row_draws(own, store)
            except Unavailable:  # a disk that may not be written to
                keep_shipped_row_draws(own, session_store())
        found = nearest_on_fewer(own, store, k, kind) or nearest_of_each(store, [own], k, kind, interval)[0]
    else:
        near = space.neighbours(name, k, kind=kind, fusion=fusion)
        nothing = {"closer_than": None, "pairs": 0, "low": None, "high": None, "interval": None, "standing": None}
        rows = [
            {"name": n.name, "kind": n.kind, "family": n.family, "similarity": round(float(n.similarity), 4)} | nothing
            for n in near
        ]
        found = {"neighbours": rows, "verdict": None, "notes": list(space.notes)}
    apart = "" if found["neighbours"] else read_otherwise(own)
    doubt = f"{name}: {why}" if (why := why_silent(own) or why_unsure(own)) else ""
    notes = [*found["notes"], *filter(None, [doubt, few_texts(own), apart])]
    if interval != "texts" and not any(row["interval"] for row in found["neighbours"]):
        notes.append("No interval is known: it needs all probe texts, the shipped calibration and the cosine.")
    listed = [{"rank": at, **row} for at, row in enumerate(found["neighbours"], 1)]
    if as_json:
        emit_json({"name": name, "verdict": found["verdict"], "neighbours": listed, "notes": notes})
        return
    if listed:
        emit_neighbours(f"Nearest to {name}", listed, found["verdict"])
    else:
        say(f"{f'No {kind_name(kind)}' if kind else 'Nothing'} to compare {name} with yet.")
    for remark in notes:
        note(remark)


@click.command()
@click.argument("names", nargs=-1, metavar="NAMES...")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="CSV file; else a table is printed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@space_options
def similarity(names: tuple[str, ...], out: Path | None, as_json: bool, **chosen: Any) -> None:
    """Similarities of NAMES (all, where none are given) with one another."""
    from fute_core.maps.similarities import similarity_csv

    space = _open_space(names, chosen)
    listed = list(names) or list(space.labels)
    if out is not None:
        if out.suffix.lower() != ".csv":
            raise BadInput(f"{out} does not end in .csv; similarities are written as CSV.")
        similarity_csv(space, listed, out)
        if as_json:
            emit_json({"file": str(out), "names": listed})
        else:
            note(f"Wrote {len(listed)} x {len(listed)} similarities to {out}.")
        return
    matrix = space.similarity(listed, listed)
    if as_json:
        emit_json({"names": listed, "similarity": [[round(float(v), 4) for v in row] for row in matrix]})
        return
    rows = [(name, *(float(v) for v in row)) for name, row in zip(listed, matrix, strict=True)]
    emit_table("Calibrated cosine", ("", *listed), rows)


@click.command(name="map")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="FILE.csv, .html, .png, .svg or .pdf")  # fmt: skip
@click.option(
    "--projection",
    "how",
    type=click.Choice(["umap", "pca"]),
    default="umap",
    show_default=True,
    help="UMAP, or principal components.",
)
@click.option(
    "--neighbours",
    "n_neighbors",
    type=click.IntRange(min=2),
    default=15,
    show_default=True,
    help="How many neighbours UMAP looks at.",
)
@click.option("--min-dist", type=click.FloatRange(0, 1), default=0.8, show_default=True)
@click.option("--seed", type=int, default=42, show_default=True)
@click.option("--dim", type=click.IntRange(2, 3), default=2, show_default=True)
@space_options
def map_(
    out: Path, how: Literal["umap", "pca"], n_neighbors: int, min_dist: float, seed: int, dim: int, **chosen: Any
) -> None:
    """A map of the space; distances on a map are not similarities, so trust `fute neighbours` for those."""
    from fute_core.maps.figure import write_map
    from fute_core.maps.projection import project

    space = _open_space((), chosen)
    projection = project(space, method=how, n_neighbors=n_neighbors, min_dist=min_dist, seed=seed, dim=dim)
    write_map(space, projection, out)
    for remark in projection.notes:
        note(remark)
    note(f"Wrote {len(space.embeddings)} points to {out}.")


def register(main: click.Group) -> None:
    """Add `fute neighbours`, `fute similarity` and `fute map` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    for command in (neighbours, similarity, map_):
        main.add_command(command)
