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


def test_sentences_with_rates_are_found():
    assert len(FOUND) >= 10


@pytest.mark.parametrize("text", FOUND)
def test_a_sentence_with_a_rate_is_listed_with_its_measurement(text):
    listed = (ROOT / "docs" / "statements.md").read_text("utf-8")
    plain = text.replace("\N{NO-BREAK SPACE}", " ")
    parts = sorted((part for part in LISTED if part in plain), key=len)  # the longest says the most
    assert parts, f"{plain!r} states a rate that is none of `LISTED`."
    assert LISTED[parts[-1]] in listed, (
        f"{plain!r} states a rate; add it to docs/statements.md with the command that measures it, and here."
    )
