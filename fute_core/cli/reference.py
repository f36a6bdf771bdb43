"""`python -m fute_core.cli.reference`: the command line's reference, docs/cli.md, from the help of every command."""

import inspect
from collections.abc import Iterator

import click

from fute_core.cli import main
from fute_core.datasets.writing import write_bytes
from fute_core.home import PACKAGE
from fute_core.methods import METHODS

PAGE = PACKAGE.parent / "docs" / "cli.md"
WIDTH = 100
OPENING = """\
# The `fute` command

Made by `python -m fute_core.cli.reference` from the commands' own help; a test fails when it is out of date.

Every command that shows something takes `--json` and then prints one JSON document on standard output; remarks and
progress go to standard error. Exit codes: 0 for success, 2 for input that cannot be used and for what is missing,
such as a library (one sentence says what, where and how to mend it), 1 for anything unexpected, 130 after Ctrl-C.

## Environment variables

| variable | what it does |
|---|---|
| `FUTE_HOME` | folder for everything that is written; without it the platform's user data folder |
| `FUTE_GALLERY` | folder of the atlas that is opened, as `fute gallery read` writes it; without it what ships |
| `FUTE_DEVICE` | where models compute, as `--device` says it, for every command, for Python and for the dashboard |
| `FUTE_PRECISION` | what language models multiply in, as `--precision` says it, likewise |
| `FUTE_TRACEBACK` | set to 1, it shows where an unexpected error came from |
| `OPENAI_API_KEY` | key for an endpoint; sent to the address of `OPENAI_BASE_URL` or to OpenAI's own, and to no other |
| `OPENAI_BASE_URL` | the one other address that `OPENAI_API_KEY` may be sent to; its `?api-version=` goes along |
| `FUTE_TYPED_KEY` | takes a key that was typed for one run to the job's process; set by the program, never by hand |
| `TRANSFORMERS_VERBOSITY` | how much the library transformers says; "error" where it is not set |
| `RAY_USAGE_STATS_ENABLED` | whether Ray reports its use to its makers; 0 where it is not set |
"""
METHODS_OPENING = """\
What `--method` takes, and the options of each for `--param NAME=VALUE` with their defaults; None takes what the preset
says. [design.md](design.md) tells the methods, and the classes in `fute_core/methods` what each option changes.
"""


def reference() -> str:
    """Write the reference.

    Returns
    -------
    str
        The page as Markdown.
    """
    parts = [OPENING, _methods()]
    for path, help_text in _commands(main, ("fute",)):
        parts.append(f"## `{' '.join(path)}`\n\n```text\n{help_text}\n```\n")
    return "\n".join(parts)


def _methods() -> str:
    rows = [f"| `{name}` | {', '.join(_options(METHODS[name])) or 'none'} |" for name in METHODS]
    return "\n".join(["## Methods", "", METHODS_OPENING, "| method | options |", "|---|---|", *rows, ""])


def _options(method: type) -> list[str]:
    """Options of a method with their defaults."""
    return [f"`{name}={field.default}`" for name, field in inspect.signature(method).parameters.items()]


def _commands(
    command: click.Command, path: tuple[str, ...], parent: click.Context | None = None
) -> Iterator[tuple[tuple[str, ...], str]]:
    context = click.Context(
        command, info_name=path[-1], parent=parent, terminal_width=WIDTH, max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )  # fmt: skip
    yield path, command.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from _commands(below, (*path, name), context)


if __name__ == "__main__":
    write_bytes(PAGE, reference().encode("utf-8"))
    print(f"Wrote {PAGE}.")
