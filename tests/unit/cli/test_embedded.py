"""What `fute embed` prints of an embedding."""

from fute_core.cli.embedded import show


def test_where_nothing_compares_the_command_that_mends_it_makes_the_same_kind_of_vector(capsys):
    row = {"name": "mine", "kind": "dataset", "n_texts": 40, "dim": 384, "cached": True, "neighbours": [], "notes": [],
           "method": "text", "surrogate": "minilm"}  # fmt: skip
    show([row])
    assert "fute embed dataset all --method text --surrogate minilm" in capsys.readouterr().out
