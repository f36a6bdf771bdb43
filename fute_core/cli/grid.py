"""`fute grid`: prompts by language models for a dataset."""

import click

from fute_core.cli.output import emit_json, emit_table, note, say
from fute_core.errors import BadInput


@click.command()
@click.option("--dataset", required=True, metavar="DATASET", help="Embedded or shipped name.")
@click.option("--pairs/--single", default=None, help="Text pairs, or single texts.  [default: where DATASET is]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def grid(dataset: str, pairs: bool | None, as_json: bool) -> None:
    """Which language model suits a dataset's task with which prompt, and does a prompt carry over?

    Of the prompts that were asked already, shipped and stored: accuracy on the dataset's labelled rows with its
    interval where it was measured, which cannot be told apart (those of one group), and how far the choice of model
    and the choice of prompt move accuracy.
    """
    from fute_core.analysis.grid import make_grid
    from fute_core.analysis.grid_words import carried_words, effects_words, grid_json
    from fute_core.atlas.atlas import open_atlas
    from fute_core.store.store import open_store

    store = open_store()
    for pair in (False, True) if pairs is None else (pairs,):
        items = open_atlas(pair, store).items
        target = next((i for i in items if (i.embedding.kind, i.embedding.name) == ("dataset", dataset)), None)
        if target is not None:
            break
    else:
        raise BadInput(f"No dataset is called {dataset!r}; see `fute list`, or embed it by `fute embed dataset`.")
    found = make_grid(items, target)
    if not found.cells:
        raise BadInput(f"No prompt for {dataset!r} was asked yet; ask one by `fute embed prompt`.")
    document = grid_json(found)
    if as_json:
        emit_json(document)
        return
    asked = sorted((row for row in document["cells"] if row["name"]), key=lambda row: -(row["accuracy"] or 0.0))
    rows = [
        (
            row["group"] or "",
            row["prompt"],
            row["model"],
            row["accuracy"] if row["rows"] else "not measured",
            f"{row['low']:.2f} to {row['high']:.2f}" if row["rows"] else "",
            row["rows"] or "",
        )
        for row in asked
    ]
    emit_table(f"For {dataset}", ("group", "prompt", "model", "accuracy", "95 % interval", "rows"), rows)
    if missing := len(document["cells"]) - len(asked):
        note(f"{missing} of {len(document['cells'])} pairs of a prompt and a model were not asked.")
    for sentence in (*effects_words(found), *carried_words(found)):
        say(sentence)


def register(main: click.Group) -> None:
    """Add `fute grid` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(grid)
