"""Program code is told from prose by its signs."""

from pathlib import Path

import pytest

import fute_core as fute
from fute_core.datasets.catalog import load_dataset, shipped_datasets
from fute_core.models.code_signs import MOST_SIGNS, code_signs

HERE = Path(fute.__file__).parent
LINES = (
    "def area(w, h): return w * h", "for (int i = 0; i < n; i++) { sum += a[i]; }", "print([x ** 2 for x in rows])",
    "if (p != NULL) { free(p); p = NULL; }", "with open(path) as file: text = file.read()", "char *s = malloc(n + 1);",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(name for name, card in shipped_datasets().items() if not card.get("pair")))
def test_no_shipped_dataset_is_taken_for_code(name):
    assert code_signs(load_dataset(name).texts[:200]) < MOST_SIGNS / 2


def test_this_program_is():
    passages = [path.read_text("utf-8")[600:900] for path in sorted(HERE.rglob("*.py"))]
    assert code_signs([text for text in passages if len(text) == 300]) > MOST_SIGNS / 2
    assert code_signs(LINES) > 2 * MOST_SIGNS


def test_addresses_mentions_and_marks_of_formatting_are_no_code():
    assert code_signs(["@you see https://a.org/?q=[1]&b=(2) <br> fish &amp; chips #late_again"]) == 0
    assert code_signs([" ", ""]) == 0
    assert code_signs([("{}", "ab")]) == 0.5


def test_nothing_is_claimed_of_a_dataset_of_code():
    mine = fute.Dataset(LINES * 6, ["Python", "C"] * 18, name="snippets")
    told = fute.open_atlas(store=False).verdict(fute.embed(mine, store=False))
    assert (told.job, told.of) == ("unreadable", None)
    assert "signs of program code" in told.why
