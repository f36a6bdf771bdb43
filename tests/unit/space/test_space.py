"""Calibration, similarity and neighbours of hand-made embeddings whose geometry is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from random_items import BLOCKS, item, random_items
from sklearn.base import clone

from fute_core.errors import BadInput, Incomparable
from fute_core.space.blocks import scale_blocks
from fute_core.space.calibration import Calibrator
from fute_core.space.comparable import split_spaces
from fute_core.space.groups import group_of
from fute_core.space.rank_fusion import block_ranks, reciprocal_rank_fusion
from fute_core.space.space import TaskSpace
from fute_core.vectors import Block

# calibration --------------------------------------------------------------------------------------------------------


def test_scaling_follows_the_formula():
    v = np.array([1.0, 2.0, 4.0, 3.0, 3.0, 3.0, 1.0, -2.0, 2.0, 0.0])
    scaled = scale_blocks(v, BLOCKS)
    logs = np.log(v[:3] + 4e-6)
    logs -= logs.mean()
    assert scaled[:3] == pytest.approx(logs / np.linalg.norm(logs))
    assert not scaled[3:6].any(), "a block that is the same everywhere says nothing"
    assert scaled[6:] == pytest.approx(v[6:] / 3.0)


positive = hnp.arrays(np.float32, 10, elements=st.floats(0, 1e6, width=32))


@settings(max_examples=150, deadline=None)
@given(positive, st.floats(1e-3, 1e3))
def test_blocks_have_unit_norm_or_are_zero_whatever_the_scale(v, factor):
    scaled = scale_blocks(v, BLOCKS)
    for block in BLOCKS:
        norm = np.linalg.norm(scaled[block.start : block.stop])
        assert norm == pytest.approx(1, abs=1e-6) or norm == 0
    assert scale_blocks(v.astype(np.float64) * factor, BLOCKS) == pytest.approx(scaled, abs=1e-3)


def test_a_similarity_is_the_weighted_mean_of_the_cosines_within_parts():
    blocks = tuple(
        replace(b, weight=3.0, log=False) if b.part == "functional" else replace(b, log=False) for b in BLOCKS
    )
    one, two = np.random.default_rng(0).normal(size=(2, 10))
    one[:3], two[:3] = (v[:3] / np.linalg.norm(v[:3]) * np.linalg.norm(v[3:6]) for v in (one, two))

    def cos(part):
        a, b = one[part], two[part]
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    expected = (cos(slice(0, 6)) + 3 * cos(slice(6, 10))) / 4
    space = TaskSpace([item("one", one, blocks=blocks), item("two", two, blocks=blocks)], calibration="none")
    assert space.cosines()[0, 1] == pytest.approx(expected, abs=1e-6)


def test_each_kind_is_centred_on_its_own_mean():
    offset = np.concatenate([np.full(6, 0.0), [50.0, -30, 10, 0]])
    models = [replace(e, name=f"m{e.name}", kind="model", values=e.values + offset) for e in random_items(6)]
    space = TaskSpace([*random_items(6), *models])
    assert set(space.calibrator.counts_.values()) == {6}
    raw = TaskSpace([*random_items(6), *models], calibration="none")
    near = [space.neighbours(f"mdataset{i}", 1, kind="dataset")[0].name == f"dataset{i}" for i in range(6)]
    raw_near = [raw.neighbours(f"mdataset{i}", 1, kind="dataset")[0].name == f"dataset{i}" for i in range(6)]
    assert sum(near) > sum(raw_near)


def test_of_a_dataset_smaller_than_the_reference_answers_lose_only_what_they_have_of_the_mean():
    calibrator = Calibrator().fit([*random_items(5), *random_items(5, 1, "model")])
    (mean, of_models), answers = calibrator.centres_.values, slice(6, 10)
    opposed = np.concatenate([np.ones(6), -mean[answers]])
    for vector in (np.exp(np.random.default_rng(2).normal(size=10)), opposed):
        large, small = item("large", vector, n_texts=9), item("small", vector, n_texts=8)
        assert calibrator.centre(large).values == pytest.approx(mean)
        taken = calibrator.centre(small).values
        assert taken[:6] == pytest.approx(mean[:6])
        scaled = scale_blocks(vector, BLOCKS)[answers]
        share = scaled @ mean[answers] / (mean[answers] @ mean[answers])
        assert taken[answers] == pytest.approx(np.clip(share, 0, 1) * mean[answers])
        model = item("small", vector, "model", n_texts=8)
        assert calibrator.centre(model).values == pytest.approx(of_models)
    assert not taken[answers].any(), "what points away from the mean has none of it"


@pytest.mark.parametrize(
    ("mode", "group"), [("none", "all"), ("kind", "model"), ("kind-arity", "model/pair")]
)  # fmt: skip
def test_groups_of_each_mode(mode, group):
    assert group_of(item("x", np.ones(10), "model", pair=True), mode) == group


def test_the_order_of_references_changes_nothing():
    items = random_items(7)
    one, other = Calibrator().fit(items), Calibrator().fit(items[::-1])
    for of in (items, [replace(i, provenance=replace(i.provenance, n_texts=2)) for i in items]):
        assert one.transform(of).tobytes() == other.transform(of).tobytes()
    assert other.notes(items) == one.notes(items)


def test_scikit_learn_clones_a_calibrator_by_the_arguments_it_was_given():
    gram = (Block("gram", 0, 3, "functional"),)
    items = [
        replace(item(f"d{i}", np.zeros(0), blocks=gram), factor=np.array([[1], [0.1 * i - 0.3]], np.float32))
        for i in range(6)
    ]
    whitening = {"gram": np.diag([1.0, 2.0])}
    fitted = Calibrator("kind", 5, whitening).fit(items)
    assert fitted.get_params() == {"mode": "kind", "min_reference": 5, "whitening": whitening}
    assert fitted.whitening is whitening
    copied = clone(fitted)
    assert not hasattr(copied, "centres_")
    assert copied.fit(items).transform(items).tobytes() == fitted.transform(items).tobytes()
    assert fitted.transform(items).tobytes() != Calibrator("kind", 5).fit(items).transform(items).tobytes()
    assert clone(Calibrator()).get_params() == {"mode": "kind-arity", "min_reference": 3, "whitening": None}


def test_few_items_are_told_of():
    assert "raw, so all high" in TaskSpace(random_items(2)).notes[0]
    assert TaskSpace(random_items(3)).notes == ()
    mixed = TaskSpace([*random_items(5), *random_items(1, kind="model")])
    assert "1 of the 3 classifiers" in mixed.notes[0]


@pytest.mark.parametrize(("vector", "says"), [(np.full(10, np.nan), "not finite"), (-np.ones(10), "negative values")])
def test_values_that_no_method_makes_are_refused(vector, says):
    with pytest.raises(BadInput, match=says):
        TaskSpace([*random_items(3), item("broken", vector)])


# what may be compared -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"surrogate": "t5-base"}, r"surrogate \(t5-base against minilm\)"),
        ({"surrogate_digest": "e"}, "surrogate weights"),
        ({"method": "fisher"}, r"method \(fisher against fused\)"),
        ({"params": {"C": 2}}, r"option C \(2 against 1\)"),
        ({"probes": "single-v1-64-x"}, "probe texts"),
    ],
)
def test_only_like_is_compared_with_like_and_the_error_says_what_differs(other, says):
    with pytest.raises(Incomparable, match=says) as refused:
        TaskSpace([*random_items(3), item("stranger", np.ones(10), **other)])
    assert "'stranger' cannot be compared with 'dataset0'" in str(refused.value)
    assert str(refused.value).endswith("embed all of them the same way.")


def test_spaces_are_split_by_what_may_be_compared():
    strangers = [item(f"s{i}", np.ones(10), method="fisher") for i in range(2)]
    groups = split_spaces([strangers[0], *random_items(3), strangers[1]])
    assert [[e.name for e in g] for g in groups] == [["dataset0", "dataset1", "dataset2"], ["s0", "s1"]]


def test_no_items_and_two_of_one_name_are_refused():
    with pytest.raises(BadInput, match="no embeddings to compare"):
        TaskSpace([])
    with pytest.raises(BadInput, match="Two embeddings of kind dataset are called 'dataset0'"):
        TaskSpace([*random_items(3), random_items(1)[0]])


# similarity and neighbours ------------------------------------------------------------------------------------------


def test_similarity_is_symmetric_and_exactly_one_with_itself():
    space = TaskSpace(random_items(6))
    matrix = space.similarity()
    assert (np.diag(matrix) == 1).all()
    assert matrix == pytest.approx(matrix.T, abs=1e-6)
    assert (np.abs(matrix) <= 1).all()
    assert space.similarity(["dataset2"], ["dataset4", "dataset2"])[0].tolist() == [matrix[2, 4], 1.0]


def test_neighbours_are_the_most_similar_and_equals_come_by_name():
    twins = [item(name, np.arange(1, 11)) for name in ("b twin", "a twin", "c twin")]
    space = TaskSpace([*random_items(5), *twins])
    found = space.neighbours("c twin", 3)
    assert [n.name for n in found][:2] == ["a twin", "b twin"]
    assert [n.rank for n in found] == [1, 2, 3]
    matrix = dict(zip(space.labels, space.similarity(["c twin"])[0], strict=True))
    assert [n.similarity for n in found] == pytest.approx([matrix[n.name] for n in found])
    assert space.neighbours("c twin", 3, kind="prompt") == ()
    assert space.neighbours("c twin", 1, exclude_self=False)[0].similarity == pytest.approx(1)


def test_names_are_guessed_and_kinds_told_apart():
    space = TaskSpace([*random_items(3), replace(random_items(1)[0], kind="model"), item("solo", np.arange(10))])
    with pytest.raises(BadInput, match=r"did you mean 'solo'\?"):
        space.index("soloo")
    with pytest.raises(BadInput, match="write 'dataset:dataset0' or 'model:dataset0'"):
        space.index("dataset0")
    assert space.index("model:dataset0") == 3
    assert space.index("dataset0", "model") == 3


def test_something_new_moves_nothing():
    space = TaskSpace(random_items(6))
    larger = space.with_new(item("new", np.arange(1, 11)))
    assert larger.placed.take(range(6)).vectors().tobytes() == space.vectors().tobytes()
    assert len(space) == 6
    alone = space.neighbours(item("new", np.arange(1, 11)), 3)
    assert alone == larger.neighbours("new", 3)


# reciprocal rank fusion ---------------------------------------------------------------------------------------------


def test_reciprocal_rank_fusion_by_hand():
    ranks = np.array([[1, 2, 3], [3, 1, 2]])
    expected = [1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 63 + 1 / 62]
    assert reciprocal_rank_fusion(ranks) == pytest.approx(expected)
    assert reciprocal_rank_fusion(np.array([[1, 2.5, 2.5]])) == pytest.approx([1 / 61, 1 / 62.5, 1 / 62.5])


def test_ranks_within_blocks_with_ties():
    target = np.array([1.0, 0, 0, 1, 0, 0, 1, 0, 0, 0])
    rows = np.array([target, target, -target, np.roll(target, 1)])
    assert block_ranks(rows, target, BLOCKS).tolist() == [[1.5, 1.5, 4.0, 3.0]] * 3


def test_fusion_and_cosine_agree_where_all_blocks_do():
    space = TaskSpace(random_items(6), calibration="none")
    copy = item("copy", space.embeddings[2].vector)
    for fusion in ("cosine", "rrf"):
        assert space.neighbours(copy, 1, fusion=fusion)[0].name == "dataset2"
