"""Every sentence that states a rate is on the list of docs/statements.md, with the measurement that backs it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEAKING = ("dashboard", *(f"fute_core/{room}" for room in ("cli", "report", "analysis", "atlas", "space", "maps")))
NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten"
RATE = re.compile(rf"\d\s?%|^\s%|\b\d+ in \d+|\b({NUMBERS}) in ({NUMBERS})\b|half or more|\bquarter of\b")
LISTED = {
    "closer than": "different-job pairs",
    "1 in ": "without any kin here",
    "95 %": "95 % interval",
    "95 % from": "95 % from",
    "nine in ten": "nine in ten",
    "half or more": "half or more",
    "half or more of the pairs": "half or more of the pairs",
    "quarter of": "closest quarter",
    "same-job pairs lie above": "same-job pairs lie above",
    " %": "counted when",
    " are whole words": "whole words of the vocabulary",
    " are signs of": "signs of program code",
}
"""A part of a sentence of the code, to what stands for it in the list."""


def sentences(path: Path) -> list[str]:
    """Texts of a module that somebody may read, without its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    ]  # fmt: skip


FOUND = sorted(
    {text for top in SPEAKING for path in (ROOT / top).rglob("*.py") for text in sentences(path) if RATE.search(text)}
)


def listed_as(text: str) -> str | None:
    """What stands for a sentence in the list; a percentage that is written into it is none that was counted."""
    plain = text.replace("\N{NO-BREAK SPACE}", " ")
    parts = [part for part in LISTED if (plain.startswith(part) if part == " %" else part in plain)]
    return max(parts, key=len, default=None)  # the longest says the most


def test_sentences_with_rates_are_found():
    assert len(FOUND) >= 10


def test_a_rate_that_is_written_into_a_sentence_has_to_be_listed_for_itself():
    assert listed_as("Its verdicts are right in 99 % of cases.") is None
    assert listed_as(" % of the variance.") == " %"


@pytest.mark.parametrize("text", FOUND)
def test_a_sentence_with_a_rate_is_listed_with_its_measurement(text):
    listed = (ROOT / "docs" / "statements.md").read_text("utf-8")
    part = listed_as(text)
    assert part, f"{text!r} states a rate that is none of `LISTED`."
    assert LISTED[part] in listed, (
        f"{text!r} states a rate; add it to docs/statements.md with the command that measures it, and here."
    )
