"""How things show themselves: the same facts in text and in a notebook, where what users write is escaped."""

from four_films import LABELS, TEXTS

import fute_core as fute

ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_things_show_the_same_facts_in_text_and_in_a_notebook(atlas):
    named = fute.Dataset(TEXTS, LABELS, name="films", family="mood")
    made = fute.embed(named, method="text", store=False)
    assert repr(named) == "<Dataset 'films'; texts: 4; labels: negative 2, positive 2; family: mood>"
    assert repr(made) == (
        "<Embedding of dataset 'films'; method: text; surrogate: bge-small; read: 4 texts; numbers: 384; family: mood>"
    )
    for thing in (named, made, atlas):
        html = thing._repr_html_()
        for fact in repr(thing).strip("<>").split("; ")[1:]:
            heading, _, words = fact.partition(": ")
            assert f">{heading}</span> {words}<" in html
        assert "color:inherit" in html, "no colour of its own, which one ground would not show"


def test_what_users_write_is_escaped_in_a_notebook():
    evil = "<script>alert(1)</script>"
    made = fute.Dataset(TEXTS, [evil, evil, "b", "b"], name=evil, family=evil)
    html = made._repr_html_() + fute.embed(made, method="text", store=False)._repr_html_()
    assert evil not in html
    assert html.count(ESCAPED) == 5
