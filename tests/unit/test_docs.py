"""The documentation site names what there is: every name of the front door, every page, every command as it parses."""

import re
import shlex
from pathlib import Path

import click
import pytest

import fute_core
from fute_core.cli import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
INDEX = (DOCS / "index.md").read_text("utf-8")
TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)
HOWTO = sorted((DOCS / "howto").glob("*.md"))
QUOTING = [ROOT / "README.md", DOCS / "install.md", DOCS / "tour.md", *HOWTO]
# Pages that another tool writes, or that only help to write pages.
MADE = ("_build", "_templates", "generated")


def entries(page: Path) -> set[str]:
    """Pages in the tables of contents of a page, as paths below docs/ without an ending."""
    blocks = TOCTREE.findall(page.read_text("utf-8"))
    lines = [line for block in blocks for line in block.splitlines() if line and not line.startswith(":")]
    return {(page.parent / line).relative_to(DOCS).as_posix() for line in lines}


def test_every_name_of_the_front_door_has_a_page_of_its_own():
    page = (DOCS / "api" / "front-door.md").read_text("utf-8")
    listed = {line.strip() for line in page.splitlines() if line.startswith("   ")}
    assert set(fute_core.__all__) - {"__version__"} <= listed
    assert ".. py:data:: __version__" in page


def test_every_room_of_the_library_is_in_the_reference():
    page = (DOCS / "api" / "rooms.md").read_text("utf-8")
    listed = set(re.findall(r"^   fute_core\.(\w+)$", page, re.MULTILINE))
    found = {
        path.stem for path in (ROOT / "fute_core").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert listed == {name for name in found if not name.startswith("_")} - {"cli"}  # cli.md has the commands


def test_every_page_is_in_a_table_of_contents():
    pages = {page for page in DOCS.rglob("*") if page.suffix in (".md", ".ipynb")}
    names = {
        page.relative_to(DOCS).with_suffix("").as_posix()
        for page in pages
        if not {*MADE, ".ipynb_checkpoints"} & set(page.parts)
    }
    listed = entries(DOCS / "index.md") | entries(DOCS / "results" / "index.md")
    assert listed == names - {"index"}


def quoted(page: Path) -> list[str]:
    """Lines in code blocks that begin with the command."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line.strip().removeprefix(".venv/bin/") for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("fute ")]


def parse(line: str) -> None:
    """Parse a command line as the real command would, without looking at files and without running anything."""
    path, *words = shlex.split(line, comments=True)
    command: click.Command = main
    while isinstance(command, click.Group):
        name = words.pop(0)
        assert name in command.commands, f"{path} has no command {name}"
        command = command.commands[name]
    context = click.Context(command, info_name=command.name, help_option_names=["-h", "--help"])
    given, rest, _ = command.make_parser(context).parse_args(list(words))
    assert not rest, f"left over: {rest}"
    for parameter in command.params:
        value = given.get(parameter.name)
        missing = parameter.value_is_missing(value)
        assert not (parameter.required and missing), f"{parameter.name} is missing"
        if not missing and not isinstance(parameter.type, click.Path | click.File):
            parameter.type_cast_value(context, value)


COMMANDS = [(page.relative_to(ROOT).as_posix(), line) for page in QUOTING for line in quoted(page)]


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_every_command_that_a_page_quotes_can_be_typed(page, line):
    parse(line)


def test_pages_quote_commands():
    assert {page for page, _ in COMMANDS} == {page.relative_to(ROOT).as_posix() for page in QUOTING}


@pytest.mark.parametrize(
    "line", ["fute neighbour sst2", "fute neighbours sst2 --sort", "fute neighbours", "fute embed prompt a --api talk"]
)
def test_a_command_that_cannot_be_typed_is_found(line):
    with pytest.raises((AssertionError, click.UsageError)):
        parse(line)
