"""The `fute` command: one module a group of commands, wired together here."""

import os
from typing import Any

import click

from fute_core.cli import (
    ask,
    cache,
    choose,
    embed,
    evaluate,
    explore,
    export,
    gallery,
    grid,
    jobs,
    listing,
    prompts,
    swap,
    system,
)
from fute_core.cli.output import plain
from fute_core.errors import FuteError, Unexpected, missing_library


class _Program(click.Group):
    """Shows every error as one sentence: exit code 2 for those raised on purpose, 1 for what nobody foresaw.

    Ctrl-C ends it with 130, as shells have it.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FuteError as error:
            raise _failure(str(error), 1 if isinstance(error, Unexpected) else 2) from error
        except KeyboardInterrupt:
            raise _failure("Stopped; what was finished before is kept.", 130) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get("FUTE_TRACEBACK"):
                raise
            if isinstance(error, ModuleNotFoundError) and (told := missing_library(error)):
                raise _failure(str(told), 2) from error
            from fute_core.jobs.plan import sentence

            raise _failure(f"{sentence(error)} Set FUTE_TRACEBACK=1 to see where.", 1) from error


def _failure(message: str, code: int) -> click.ClickException:
    failure = click.ClickException(plain(message))
    failure.exit_code = code  # type: ignore[misc] # click reads it off the instance
    return failure


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="task-atlas", prog_name="fute")
def main() -> None:
    """Place datasets, models and prompts in one space and see which lie nearest to one another."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # what matters of its warnings is told in our own words


for group in (
    embed,
    listing,
    explore,
    export,
    choose,
    swap,
    grid,
    ask,
    evaluate,
    gallery,
    prompts,
    cache,
    jobs,
    system,
):
    group.register(main)
