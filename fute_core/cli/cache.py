"""`fute cache`: what the store holds, whether it is sound, and how it is thinned out, taken along and put back."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fute_core.cli.output import emit_json, emit_table, note, say
from fute_core.errors import BadInput
from fute_core.store.archive import export_store, import_archive
from fute_core.store.faults import UNSOUND, UNUSABLE
from fute_core.store.sections import SECTIONS
from fute_core.store.store import open_store

if TYPE_CHECKING:
    from fute_core.store.headers import Header
    from fute_core.store.store import Store
    from fute_core.tasks import Kind

HOW_TO_MEND = (
    "Delete what is damaged with `fute cache verify --drop`, and embed again; a converted model is then made anew. "
    "Values of a newer version need that version; a packaged model is mended by installing it again."
)
KINDS = click.Choice(["dataset", "model", "prompt"])


@click.group()
def cache() -> None:
    """The store of vectors and answers; nothing leaves it unless you ask."""


@cache.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(as_json: bool) -> None:
    """Where the store is, and how many values and bytes each of its sections has."""
    report = open_store().info()
    if as_json:
        emit_json(report)
        return
    rows = [(section, report[section]["count"], _megabytes(report[section]["bytes"])) for section in SECTIONS]
    emit_table(f"{report['path']}  ({_megabytes(report['free_bytes'])} free)", ("section", "values", "size"), rows)


@cache.command()
@click.option("--drop", is_flag=True, help="Delete damaged values and converted models, and what was left behind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(drop: bool, as_json: bool) -> None:
    """Read every value and model, and name what is damaged; exit code 1 if anything is and it is not dropped.

    Vectors with NaN and a lost index are damage; what a newer version wrote, and files that nothing names, are told as
    well. Models are the packaged ones, against the digests of what was published, and the converted ones, against their
    own.
    """
    from fute_core.models.soundness import check_models, drop_models

    store, models = open_store(), check_models()
    wrong = store.faults()
    count = sum(store.info()[section]["count"] for section in SECTIONS)
    read = {"values": count, "models": sum(m.bytes > 0 for m in models), "model_bytes": sum(m.bytes for m in models)}
    told = [*wrong, *(("model", m.name, m.fault) for m in models if m.fault)]
    unsound = any(why in UNSOUND for _, _, why in wrong) or any(m.fault and not m.unread for m in models)
    if drop:
        store.verify(drop=True)
        drop_models(models)
        unsound = any(m.fault and m.packaged for m in models)
    if as_json:
        listed = [{"section": section, "key": key} for section, key, why in wrong if why in UNUSABLE]
        faults = [{"section": section, "key": key, "fault": why} for section, key, why in told]
        emit_json({"damaged": listed, "faults": faults, "read": read, "dropped": bool(drop and told)})
    elif told:
        found = "1 fault" if len(told) == 1 else f"{len(told)} faults"
        emit_table(f"{found} in {count} values and {read['models']} models", ("section", "key", "fault"), told)
        note("What was damaged or left over was deleted." if drop else HOW_TO_MEND)
    else:
        size = _megabytes(read["model_bytes"])
        click.echo(f"All {count} values and {read['models']} models are sound; of models {size} were read.")
    if unsound:
        raise SystemExit(1)


@cache.command()
@click.option("--kind", type=KINDS, help="Embeddings of this kind; a model is a classifier.")
@click.option(
    "--older-than", metavar="DATE|DAYS", help='Embeddings made before a date (2026-01-31) or days ago ("30d").'
)
@click.option("--keep", multiple=True, metavar="NAME", help="With the two above: never those with this name.")
@click.option("--unnamed", is_flag=True, help="Vectors whose name was given to a newer one.  [evaluations keep theirs]")
@click.option("--damaged", is_flag=True, help="Values that `verify` names.")
@click.option("--section", type=click.Choice(SECTIONS), help="Everything in a section.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def prune(kind: "Kind | None", older_than: str | None, keep: tuple[str, ...], unnamed: bool, damaged: bool,
          section: str | None, yes: bool, as_json: bool) -> None:  # fmt: skip
    """Delete what you name and nothing else; says how much that is and asks first."""
    if not (kind or older_than or unnamed or damaged or section):
        raise BadInput("Say what to delete: --kind, --older-than, --unnamed, --damaged or --section.")
    if keep and not (kind or older_than):
        raise BadInput("--keep spares some of what --kind or --older-than name; give one of them.")
    store = open_store()
    before = _moment(older_than) if older_than else None
    kept = [header.key for name in keep for header in _named(store, name)]
    prune = partial(
        store.prune, section=section, kind=kind, older_than=before, keep=kept or None, unnamed=unnamed, damaged=damaged
    )
    if not yes and (count := prune(only_count=True)):
        values = f"all {count} {section}" if section else f"{count} value{'' if count == 1 else 's'}"
        click.confirm(f"Delete {values}? They would have to be computed again", abort=True, err=True)
    removed = prune()
    if as_json:
        emit_json({"removed": removed})
    else:
        click.echo(f"Deleted {removed} value{'' if removed == 1 else 's'}.")


@cache.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def export(file: Path, names: tuple[str, ...], as_json: bool) -> None:
    """Write the store, or the embeddings called NAMES, to FILE: a zip of open formats for `fute cache import`."""
    store = open_store()
    keys = [header.key for name in names for header in _named(store, name)] if names else None
    count = export_store(store, file, keys)
    if as_json:
        emit_json({"file": str(file), "values": count, "bytes": file.stat().st_size})
    else:
        say(f"Wrote {count} values ({_megabytes(file.stat().st_size)}) to {file}.")


@cache.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_(file: Path, as_json: bool) -> None:
    """Add what an exported FILE holds; a sound value is never replaced. Exit code 2 if some were damaged."""
    counts = import_archive(open_store(), file)
    if as_json:
        emit_json(counts)
    else:
        click.echo(f"{counts['new']} new, {counts['known']} known already, {counts['damaged']} damaged.")
    if counts["damaged"]:
        note("Damaged values were left out; export the store again where it came from.")
        raise SystemExit(2)


def _named(store: "Store", name: str) -> "list[Header]":
    """Headers of all embeddings with that name. Raises BadInput, with a guess, where there is none."""
    if found := store.find(name):
        return found
    import difflib

    near = difflib.get_close_matches(name, {h.name for h in store.headers()}, 1)
    guess = f"; did you mean {near[0]!r}?" if near else "; `fute list embeddings` shows what there is."
    raise BadInput(f"Nothing called {name!r} has been embedded{guess}")


def _moment(given: str) -> str:
    """The ISO date and time that "2026-01-31" or "30d" means."""
    text = given.strip().lower()
    try:
        if text.endswith("d"):
            return (datetime.now(UTC) - timedelta(days=float(text[:-1]))).isoformat(timespec="seconds")
        return datetime.fromisoformat(text).replace(tzinfo=UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        raise BadInput(f"--older-than {given!r} is neither a date like 2026-01-31 nor days like 30d.") from None


def _megabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def register(main: click.Group) -> None:
    """Add `fute cache` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(cache)
