"""Parts of the Prompt lab without the page: drafts and their sentences, and places from part of the answers."""

from dataclasses import replace

import numpy as np
import pytest
from just_landed import found

from dashboard.reads import places
from fute_core.atlas import landing
from fute_core.embedding.opening import prompt_templates
from fute_core.errors import BadInput
from fute_core.templates import draft
from fute_core.templates.answer_words import answer_lines, parse_answers

ASKED = "Is this good? {{ text }}"
ANSWERS = "good: Yes, yes\nbad: No"


def test_answers_are_a_label_a_line():
    assert parse_answers("a: x, y\n\nb\n") == {"a": ["x", "y"], "b": ["b"]}
    assert parse_answers('a: "Yes, it is", yes\nb: it\'s "no"') == {
        "a": ["Yes, it is", "yes"],
        "b": ['it\'s "no"'],
    }
    for bad, why in ((": x", "no label"), ("a\na", "stands twice"), ("a:", "no answer word")):
        with pytest.raises(BadInput, match=why):
            parse_answers(bad)


@pytest.mark.parametrize(
    ("name", "source", "answers", "why"),
    [
        ("", ASKED, ANSWERS, "no name"), ("x", "no place", ANSWERS, "never uses the text"),
        ("x", "", ANSWERS, "no template"), ("x", ASKED, "one", "fewer than two"), ("x", "{{ text", ANSWERS, ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_draft_is_one_sentence(name, source, answers, why):
    loaded = draft.draft(name, source, answers)
    assert loaded.template is None
    assert why in loaded.problem


def test_a_draft_comes_back_from_its_file_as_it_was(tmp_path):
    template = draft.draft("mine", f"{ASKED}\n", ANSWERS, system="Be brief.", family="sentiment").template
    file = tmp_path / "p.yaml"
    file.write_bytes(draft.as_yaml([template]))
    assert prompt_templates(str(file)) == {"mine": template}
    assert answer_lines(template) == ANSWERS
    awkward = replace(template, choices=(("Yes, it is", "yes"), ('"no"', "no, not")))
    assert list(parse_answers(answer_lines(awkward)).values()) == [list(c) for c in awkward.choices]


def test_with_all_answers_the_place_is_that_of_the_finished_prompt(atlas, said):
    item, _ = said
    stage = found(said, 512, atlas).last
    own = atlas.items.index(item)
    expected = atlas.space.cosines([own])[0]
    others = np.arange(len(atlas.items)) != own
    assert np.abs(stage.similarity - expected)[others].max() < 0.02
    assert stage.similarity[own] > 0.98
    assert (stage.low <= stage.similarity).all()
    assert (stage.similarity <= stage.high).all()


def test_the_region_shrinks_with_more_answers(atlas, said):
    item, answers = said  # a copy would land on its original with no room around it
    other = answers.proba * np.random.default_rng(0).lognormal(sigma=0.7, size=answers.proba.shape)
    said = item, replace(answers, proba=(other / other.sum(1, keepdims=True)).astype(np.float32))
    early, late = found(said, 32, atlas).last, found(said, 512, atlas).last
    assert 0 < late.rx * late.ry < early.rx * early.ry


def test_places_are_told_at_the_usual_numbers_and_at_the_end():
    assert landing.stages_of(20, 512) == []
    assert landing.stages_of(130, 512) == [32, 64, 128]
    assert landing.stages_of(300, 300) == [32, 64, 128, 256, 300]


def test_too_few_answers_give_no_place(atlas, said):
    with pytest.raises(BadInput, match="too few for a place"):
        found(said, 8, atlas)


def test_what_decides_is_told_with_both_answers(atlas, said):
    item, texts = places.deciding(atlas, found(said, 512, atlas), 3)
    assert item.embedding.kind == "dataset"
    assert len(texts) == 3
    assert all("%" in here for _, here, _ in texts)
