"""`--surrogate`: which encoder reads, by default the one that read the atlas."""

import click

SHOWN = "bge-small, or that of FUTE_GALLERY"


def _of_the_atlas() -> str:
    from fute_core.models.surrogate import default_surrogate  # only a command that runs loads it

    return default_surrogate()


surrogate_option = click.option(
    "--surrogate", default=_of_the_atlas, show_default=SHOWN, help="Encoder: packaged name, folder or Hub id."
)
"""Adds the option to a command, as `surrogate`."""
