"""`fute export`: the space as files that other tools open."""

from pathlib import Path
from typing import Any

import click

from fute_core.cli.explore import space_options
from fute_core.cli.output import emit_json, note


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="FILE.parquet, or a folder.")
@click.option(
    "-k", "neighbours", type=click.IntRange(min=1), default=10, show_default=True,
    help="How many neighbours of each item are listed, in the file.",
)  # fmt: skip
@click.option(
    "--axes", type=click.IntRange(min=1), default=50, show_default=True, help="Leading axes of the space to write."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@space_options
def export(out: Path, neighbours: int, axes: int, as_json: bool, **chosen: Any) -> None:
    """The space as files that Embedding Atlas, data frames and TensorBoard open.

    FILE.parquet is a table with a row an item; a folder gets the files of TensorFlow's Embedding Projector. An earlier
    export is replaced, and nothing else that is there.
    """
    from fute_core.atlas.atlas import open_atlas
    from fute_core.atlas.comparable import calibrated, select_space, shipped_calibrator
    from fute_core.maps.export import export_space
    from fute_core.store.store import open_store

    calibration = chosen.pop("calibration")
    found = select_space(open_store().embeddings(), **chosen)
    if calibration == "kind-arity" and shipped_calibrator(found[0]) is not None:
        atlas = open_atlas(found[0].provenance.pair)
        facts = [item.facts for item in atlas.items]
        done = export_space(atlas.space, out, atlas.coordinates, facts, neighbours, axes)
    else:
        done = export_space(calibrated(found, calibration), out, neighbours=neighbours, axes=axes)
    if as_json:
        files = [str(file) for file in done.files]
        emit_json({"files": files, "items": done.items, "axes": done.axes, "variance": round(done.variance, 4)})
        return
    note(f"The {done.axes} leading axes hold {100 * done.variance:.0f} % of the variance.")
    note(f"Wrote {done.items} items to {out}.")


def register(main: click.Group) -> None:
    """Add `fute export` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(export)
