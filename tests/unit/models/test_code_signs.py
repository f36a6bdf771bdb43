"""Program code is told from prose by its signs."""

from pathlib import Path

import pytest

import fute_core as fute
from fute_core.datasets.catalog import load_dataset, shipped_datasets
from fute_core.models.code_signs import MOST_SIGNS, code_signs

HERE = Path(fute.__file__).parent
LINES = (
    "def area(w, h): return w * h; x_1 = {1: [2]}", "for (int i = 0; i < n; i++) { sum += a[i]; }",
    "print([x_2 for x_2 in rows if x_2 >= 0])", "if (p != NULL) { free(p); p = NULL; }",
    "with open(path) as file: rows[0] = file.read(); n_rows += 1", "char *s = malloc(n + 1); s[n] = '\\0';",
)  # fmt: skip
PROSE = {
    "chat": ["<John> hey :) what's up; lol (jk) ;-) ;)", "<Mary> nothing much :D ... brb (food) =)", "miss you <3 <3"],
    "formulas": [
        r"Let $x_{i} \in \mathbb{R}^{n}$ and $\|x\| = 1$.",
        r"So $f(x) \leq c$ for all \alpha, and $\theta = 0$.",
    ],
    "markdown": [
        "# Title\n\n* item **one**\n\n[link](http://a.b)",
        "## Use\nsee [docs](docs/x.md)\n| a | b |\n|---|---|",
    ],
    "chemistry": ["2,4-diamino-6-(hydroxymethyl)pteridine (DAHP) inhibits [3H]-binding of N-(2-chloroethyl)-amine"],
    "references": ["As shown by [1], [2, 3] and (Smith et al., 2019; Doe, 2020), this holds [4]."],
    "blanks and names": [
        "The capital of France is ____.",
        "john_doe: hi there ^_^",
        "I came; I saw.",
        "__bold__ -> good",
    ],
    "tags": ["<p>This is a <b>fine</b> film, &amp; I liked it.</p><br/>Really."],
    "posts": ["@you see https://a.org/?q=[1]&b=(2) <br> fish &amp; chips #late_again", "RT @a: this (via @b) [video]"],
}
CODE = {
    "SQL": ["SELECT a_b, c FROM t WHERE c >= 21 AND d = 'Rome';", "UPDATE t SET x = x + 1 WHERE id IN (SELECT id);"],
    "JSON": ['{"name": "a", "items": [1, 2, 3], "ok": true}', '{"id": 5, "tags": ["x", "y"]}'],
    "several": LINES,
}


@pytest.mark.parametrize("name", sorted(name for name, card in shipped_datasets().items() if not card.get("pair")))
def test_no_shipped_dataset_is_taken_for_code(name):
    assert code_signs(load_dataset(name).texts[:200]) < MOST_SIGNS / 10


@pytest.mark.parametrize("texts", PROSE.values(), ids=PROSE)
def test_prose_with_many_signs_is_not(texts):
    assert code_signs(texts) <= MOST_SIGNS


@pytest.mark.parametrize("texts", CODE.values(), ids=CODE)
def test_code_is(texts):
    assert code_signs(texts) > MOST_SIGNS


def test_this_program_is():
    whole = [path.read_text("utf-8") for path in sorted(HERE.rglob("*.py"))]
    passages = [text[len(text) // 2 :][:300] for text in whole]
    assert code_signs([text for text in passages if len(text) == 300]) > MOST_SIGNS


def test_pairs_are_read_as_one_text_and_blanks_as_none():
    assert code_signs([" ", ""]) == 0
    assert code_signs([("{};", "abc")]) == 0.5


def test_nothing_is_claimed_of_a_dataset_of_code():
    mine = fute.Dataset(LINES * 6, ["Python", "C"] * 18, name="snippets")
    told = fute.open_atlas(store=False).verdict(fute.embed(mine, store=False))
    assert (told.job, told.of) == ("unreadable", None)
    assert "signs of program code" in told.why
