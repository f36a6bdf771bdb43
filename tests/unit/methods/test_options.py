"""Options of a method as they come from a command line: checked by type, for all methods in one place."""

import pytest
from command_line import fute

from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput


def test_every_variant_of_fisher_can_be_asked_for_on_the_command_line():
    few = ("embed", "dataset", "sst2", "--limit", 8, "--method", "fisher", "--json")
    rows = {v: fute(*few, "--param", f"variant={v}") for v in ("empirical", "true", "squared-mean")}
    assert {v: done.code for v, done in rows.items()} == dict.fromkeys(rows, 0)
    assert len({done.json["key"] for done in rows.values()}) == 3


@pytest.mark.parametrize(
    ("method", "option", "value", "says"),
    [
        ("fused", "fisher_of_models", "maybe", "must be true or false, not 'maybe'"),
        ("fused", "fisher_of_models", 1, "must be true or false, not 1"),
        ("functional", "rank", 0, "must be a whole number of at least 1, not 0"),
        ("functional", "rank", 1.5, "must be a whole number of at least 1, not 1.5"),
        ("functional", "rank", True, "must be a whole number of at least 1, not True"),
        ("functional", "C", 0, "must be a number above 0, not 0"),
        ("fisher", "variant", False, "must be one of empirical, true, squared-mean, not 'false'"),
        ("fisher", "variant", ["true"], "must be one of empirical, true, squared-mean"),
        ("prefix", "pooling", "some", "must be one of none, tokens, layers, both, not 'some'"),
        ("prefix", "dropout", 1, "must be a number of at least 0 and below 1, not 1"),
        ("lora", "warmup", 1.0, "must be a number of at least 0 and below 1, not 1.0"),
        ("text", "rank", 3, "has no option 'rank'; its options are: none"),
    ],
)
def test_a_value_that_an_option_cannot_take_is_refused(method, option, value, says):
    with pytest.raises(BadInput, match=says):
        Recipe(method, {option: value}).build()


def test_whole_and_decimal_spellings_of_a_number_are_one_option():
    assert Recipe("functional", {"rank": 32.0, "C": 1}).build() == Recipe("functional", {"rank": 32, "C": 1.0}).build()
    assert Recipe("fused", {"fisher_of_models": True}).build().fisher_of_models is True
