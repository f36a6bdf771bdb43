"""Prompts by language models: what is a row, a column, a cell, and what follows from them."""

from dataclasses import replace

import numpy as np
import pytest
from asked_prompts import asked, two_models

from fute_core.analysis.grid import language_model, make_grid, prompt_name, with_prompts
from fute_core.analysis.grid_words import carried_words, effects_words, grid_json, grid_rows
from fute_core.analysis.skill import wilson
from fute_core.atlas.gallery import Item, load_gallery


@pytest.fixture(scope="module")
def sst2() -> Item:
    return next(i for i in load_gallery(False).items if i.embedding.name == "sst2")


@pytest.fixture(scope="module")
def grid(sst2):
    return make_grid(two_models(), sst2)


def test_a_cell_has_the_accuracy_on_this_dataset_with_its_interval(grid):
    assert grid.models == ("smollm2", "gemma3-270m")
    assert grid.prompts == tuple(f"prompt-{i}" for i in range(6))
    cell = grid.cells["prompt-0", "smollm2"]
    assert (cell.accuracy, cell.rows, (cell.low, cell.high)) == (0.9, 100, wilson(0.9, 100))
    assert cell.skill == pytest.approx(0.8)
    assert ("prompt-5", "gemma3-270m") not in grid.cells


def test_groups_are_made_of_all_cells_and_the_best_is_in_the_first(grid):
    assert set(grid.groups) == {(c.prompt, c.model) for c in grid.measured}
    assert grid.groups["prompt-0", "smollm2"] == 1
    assert grid.groups["prompt-5", "smollm2"] > 1


def test_a_sure_lead_is_a_group_of_its_own_and_equals_are_one_group(sst2):
    ahead = [asked("a", "smollm2", 0.99), asked("b", "smollm2", 0.6), asked("c", "smollm2", 0.58)]
    assert make_grid(ahead, sst2).groups == {("a", "smollm2"): 1, ("b", "smollm2"): 2, ("c", "smollm2"): 2}


def test_equals_hardly_ever_fall_into_two_groups(sst2):
    rng = np.random.default_rng(3)
    trials = [[float(a) for a in rng.binomial(100, np.full(10, 0.7)) / 100] for _ in range(100)]
    grids = (make_grid([asked(f"p{i}", "m", a) for i, a in enumerate(row)], sst2) for row in trials)
    assert sum(max(grid.groups.values()) > 1 for grid in grids) <= 10


def test_effects_are_those_of_the_cells(grid):
    effects = grid.effects
    assert effects.models.typical == pytest.approx(0.1, abs=0.01)
    assert effects.prompts.sure
    assert effects.prompt_effects.argmax() in (0, 1)


def test_the_best_prompt_is_taken_to_the_other_model_and_back(grid):
    there, back = grid.carried
    assert (there.best.prompt, there.there.model, there.best_there.prompt) == ("prompt-0", "gemma3-270m", "prompt-1")
    assert there.as_good  # 7 points on 100 rows
    assert (back.best.prompt, back.best_there.prompt) == ("prompt-1", "prompt-0")
    (said, _) = carried_words(grid)
    assert "it cannot be told from the best, prompt-1 (80 %)" in said


def test_a_prompt_that_is_lost_on_the_way_is_said_to_be_behind(sst2):
    items = [asked("a", "smollm2", 0.95), asked("b", "smollm2", 0.7), asked("a", "big", 0.5), asked("b", "big", 0.9)]
    (there, _) = make_grid(items, sst2).carried
    assert not there.as_good
    grid = make_grid(items, sst2)
    assert "surely behind" in carried_words(grid)[0]


def test_one_best_prompt_on_both_is_said_once(sst2):
    items = [asked("a", "smollm2", 0.95), asked("b", "smollm2", 0.7), asked("a", "big", 0.9)]
    items += [asked("b", "big", 0.6), asked("c", "smollm2", 0.6)]
    assert carried_words(make_grid(items, sst2)) == [
        "The best prompt is the same on smollm2 (95 %) and on big (90 %): a."
    ]


def test_own_prompts_have_a_row_without_an_accuracy_and_their_model_by_name(sst2):
    mine = asked("mine", "smollm2", None, language_model=None, prompt=None)
    mine = replace(mine, embedding=replace(mine.embedding, name="mine @ gemma3-270m", family=None))
    assert (language_model(mine), prompt_name(mine)) == ("gemma3-270m", "mine")
    grid = make_grid([*two_models(), mine], sst2)
    assert grid.prompts[-1] == "mine"
    assert grid.cells["mine", "gemma3-270m"].rows == 0
    assert ("mine", "gemma3-270m") not in grid.groups
    strange = replace(mine, facts={**mine.facts, "labels": ["yes", "no"]})
    assert "mine" not in make_grid([*two_models(), strange], sst2).prompts


def test_the_name_is_that_of_the_template_or_of_the_item_without_its_model():
    old = asked("x", "gemma3-270m", 0.8, prompt=None)
    assert (old.embedding.name, prompt_name(old)) == ("x @ gemma3-270m", "x")


def test_a_model_that_nobody_asked_may_have_a_column(sst2):
    grid = make_grid(two_models(), sst2, ["my-model", "smollm2"])
    assert grid.models == ("smollm2", "gemma3-270m", "my-model")
    assert grid.effects.models.typical == pytest.approx(0.1, abs=0.01)


def test_datasets_come_by_how_many_prompts_were_measured():
    shipped = [i for i in load_gallery(False).items if i.embedding.kind == "dataset"]
    found = [i.embedding.name for i in with_prompts([*shipped, *two_models()])]
    assert found[0] == "sst2"
    assert "trec" not in found
    assert "mr" in found  # of the same family, where nothing was measured


def test_words_say_what_moves_accuracy_and_what_cannot_be_told(grid, sst2):
    model, prompt, rest = effects_words(grid)
    assert model.startswith("The choice of model moves accuracy by about 10 points (95 % interval")
    assert prompt.startswith("The choice of prompt moves it by about")
    assert rest.startswith(
        "As far as can be told, prompts keep their lead on another model; it changes by at most about"
    )
    alone = make_grid(two_models()[:6], sst2)
    assert effects_words(alone)[0] == "All accuracies are of smollm2, so what the choice of model does cannot be told."
    assert "Too few" in effects_words(make_grid([], sst2))[0]
    apart = [asked("a", "smollm2", 0.9), asked("b", "smollm2", 0.8), asked("c", "big", 0.7)]
    assert "too few prompts" in effects_words(make_grid(apart, sst2))[0]


def test_as_json_and_as_rows_a_missing_cell_is_missing(grid):
    document = grid_json(grid)
    assert document["effects"]["models"]["typical"] == pytest.approx(0.1, abs=0.01)
    (missing,) = [row for row in grid_rows(grid) if row["name"] is None]
    assert (missing["prompt"], missing["accuracy"], missing["group"]) == ("prompt-5", None, None)
    assert document["carried"][0]["best"] == "prompt-1"
