"""`python -m fute_core.cli.reference`: the command line's reference, docs/cli.md, from the help of every command."""

from collections.abc import Iterator

import click

from fute_core.cli import main
from fute_core.datasets.writing import write_bytes
from fute_core.home import PACKAGE

PAGE = PACKAGE.parent / "docs" / "cli.md"
WIDTH = 100
OPENING = """\
# The `fute` command

Made by `python -m fute_core.cli.reference` from the commands' own help; a test fails when it is out of date.

Every command that shows something takes `--json` and then prints one JSON document on standard output; remarks and
progress go to standard error. Exit codes: 0 for success, 2 for input that cannot be used (one sentence says what, where
and how to mend it), 1 for anything unexpected (`FUTE_TRACEBACK=1` shows where), 130 after an interrupt.
`FUTE_HOME` names the folder for everything that is written; without it that is the platform's user data folder.
"""


def reference() -> str:
    """Write the reference.

    Returns
    -------
    str
        The page as Markdown.
    """
    parts = [OPENING]
    for path, help_text in _commands(main, ("fute",)):
        parts.append(f"## `{' '.join(path)}`\n\n```text\n{help_text}\n```\n")
    return "\n".join(parts)


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
