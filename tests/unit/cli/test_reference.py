from fute_core.cli.reference import PAGE, reference


def test_the_reference_of_the_command_line_is_up_to_date():
    assert PAGE.read_text("utf-8") == reference(), "run: python -m fute_core.cli.reference"
