import click

from fute_core.cli import main
from fute_core.cli.reference import PAGE, reference
from fute_core.models.surrogate import DEFAULT_SURROGATE


def options(group: click.Group):
    for command in group.commands.values():
        yield from options(command) if isinstance(command, click.Group) else command.params


def test_the_reference_of_the_command_line_is_up_to_date():
    assert PAGE.read_text("utf-8") == reference(), "run: python -m fute_core.cli.reference"


def test_commands_read_with_the_encoder_that_python_reads_with():
    found = [option for option in options(main) if option.name == "surrogate" and callable(option.default)]
    assert len(found) > 3
    assert {option.default() for option in found} == {DEFAULT_SURROGATE}
    assert all(option.show_default.startswith(f"{DEFAULT_SURROGATE}, ") for option in found)
