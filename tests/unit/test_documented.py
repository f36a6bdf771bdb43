"""A command, option, method, page or environment variable that no page of the documentation names is a defect."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dashboard.navigation import ENTRIES
from fute_core.cli import main
from fute_core.methods import METHODS

ROOT = Path(__file__).parents[2]
OTHERS = {"PYTHONPATH"}
"""Variables that Python itself documents."""
ENVIRONMENTS = ("os.environ", "environment")
CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")
DASHBOARD = (ROOT / "dashboard" / "README.md").read_text("utf-8")
ALL = "\n".join([*(page.read_text("utf-8") for page in sorted((ROOT / "docs").glob("*.md"))), DASHBOARD])


def commands(command: click.Command, path: tuple[str, ...] = ("fute",)) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


COMMANDS = dict(commands(main))


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_is_documented_with_all_its_options(path):
    _, found, rest = CLI.partition(f"\n## `{path}`\n")
    assert found, f"docs/cli.md has no section on {path}"
    section = rest.partition("\n## ")[0]
    for option in (p for p in COMMANDS[path].params if isinstance(p, click.Option) and not p.hidden):
        for name in (*option.opts, *option.secondary_opts):
            assert name in section.replace(",", " ").replace("/", " ").split(), f"{path} {name}"


@pytest.mark.parametrize("name", list(METHODS))
def test_every_method_is_documented_with_all_its_options(name):
    (row,) = (line for line in CLI.splitlines() if line.startswith(f"| `{name}` |"))
    for option in inspect.signature(METHODS[name]).parameters:
        assert f"`{option}=" in row


def test_every_page_is_documented_and_no_other():
    rows = DASHBOARD.partition("\n## Pages\n")[2].partition("\n## ")[0].splitlines()
    named = [row.split("|")[1].strip() for row in rows if row.startswith("|")][2:]
    assert named == [entry.title for entry in ENTRIES]


def variables(source: str) -> set[str]:
    """Names of the environment variables that a module reads or sets; constants of the module are looked up."""
    tree = ast.parse(source)
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    keys = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) in ENVIRONMENTS:
            keys.append(node.slice)
        if isinstance(node, ast.Call):
            of, _, method = ast.unparse(node.func).rpartition(".")
            if of in ENVIRONMENTS or method == "getenv":
                keys.append(node.args[0])
    parts = [part for key in keys for part in ast.walk(key)]
    named = {constants[part.id] for part in parts if isinstance(part, ast.Name) and part.id in constants}
    return named | {part.value for part in parts if isinstance(part, ast.Constant)}


def test_every_environment_variable_is_documented():
    read = {
        name
        for folder in ("fute_core", "dashboard")
        for file in (ROOT / folder).rglob("*.py")
        for name in variables(file.read_text("utf-8"))
    }
    assert {"FUTE_HOME", "FUTE_TRACEBACK", "OPENAI_API_KEY", "FUTE_TYPED_KEY"} <= read, "the code is read rightly"
    assert [name for name in sorted(read - OTHERS) if f"`{name}`" not in ALL] == []
