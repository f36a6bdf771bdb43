"""The `fute` command: one module a group of commands, wired together here."""

import os

import click

from fute_core.cli import cache, embed, explore, jobs, prompts, system
from fute_core.errors import FuteError


class Program(click.Group):
    """Shows every error that Task Atlas raises on purpose as one sentence, with exit code 2."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except FuteError as error:
            failure = click.ClickException(str(error))
            failure.exit_code = 2
            raise failure from error


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="task-atlas", prog_name="fute")
def main() -> None:
    """Place datasets, models and prompts in one space and see which do the same job."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # what matters of its warnings is told in our own words


for group in (embed, explore, prompts, cache, jobs, system):
    group.register(main)
