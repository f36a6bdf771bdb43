"""What travels to the map, where its labels go, and which edges it has."""

import base64
from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.components.atlas_map.payload import (
    NOT_KNOWN,
    family_labels,
    outline_names,
    pack_edges,
    pack_points,
    pack_shown,
)
from fute_core.errors import BadInput
from fute_core.maps.edges import nearest_edges
from fute_core.maps.name_places import densest
from fute_core.maps.palette import OUTLINES
from fute_core.maps.shades import by_owner
from fute_core.space.rows import UnitRows


def item(name, kind="dataset", family="sentiment", **facts):
    return SimpleNamespace(embedding=SimpleNamespace(name=name, kind=kind, family=family), facts=facts)


def decode(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


def test_points_travel_as_arrays_that_mean_the_same():
    items = [item("a"), item("b", "prompt", None, language_model="m"), item("c", "model", "topic", architecture="t")]
    packed = pack_points(items, np.array([[0, 1], [2, 3], [4, 5]]))
    assert packed["ids"] == ["dataset:a", "prompt:b", "model:c"]
    assert decode(packed["x"], "<f4").tolist() == [0, 2, 4]
    assert decode(packed["y"], "<f4").tolist() == [1, 3, 5]
    named = [packed["families"][c]["name"] for c in decode(packed["family"], np.uint8)]
    assert named == ["sentiment", "unknown", "topic"]
    assert [packed["outlines"][c]["name"] for c in decode(packed["outline"], np.uint8)] == ["", "m", "t"]
    assert [packed["kinds"][c] for c in decode(packed["kind"], np.uint8)] == ["dataset", "prompt", "classifier"]


def test_colours_that_are_not_those_of_families_travel_beside_these():
    items = [item("a"), item("b", "prompt", None), item("c")]
    plain, packed = (pack_points(items, np.zeros((3, 2)), s) for s in (None, by_owner([True, False, True])))
    assert (plain["shades"], plain["shade"]) == ([], "")
    assert [packed["shades"][c]["name"] for c in decode(packed["shade"], np.uint8)] == [
        "ships with Task Atlas", "yours", "ships with Task Atlas",
    ]  # fmt: skip
    assert packed["family"] == plain["family"]
    assert packed["digest"] != plain["digest"]


def test_skill_travels_in_percent_with_the_interval_of_its_accuracy():
    known = {"skill": 0.2999, "accuracy": 0.65, "accuracies": {"sst2": {"accuracy": 0.65, "rows": 100}}}
    items = [item("a"), item("b", "prompt", **known), item("c", "prompt", skill=-0.1, accuracy=0.45, shipped=True)]
    packed = pack_points(items, np.zeros((3, 2)))
    measured = decode(packed["measured"], np.uint8).reshape(3, 4)
    assert measured[0].tolist() == [NOT_KNOWN] * 4
    assert measured[1].tolist() == [29, 65, 55, 74], "a skill below the limit does not reach it by rounding"
    assert measured[2].tolist() == [0, 45, NOT_KNOWN, NOT_KNOWN]
    assert packed["weak"] == 30
    assert packed["own"] == [0, 1]


def test_the_digest_changes_with_a_place_and_with_a_name_only():
    items, at = [item("a"), item("b")], np.zeros((2, 2))
    assert pack_points(items, at)["digest"] == pack_points([item("a"), item("b")], at)["digest"]
    assert pack_points(items, at)["digest"] != pack_points(items, at + 1)["digest"]
    assert pack_points(items, at)["digest"] != pack_points([item("a"), item("c")], at)["digest"]


def test_rare_models_share_the_last_outline():
    few = [item(str(i), architecture=f"m{i}") for i in range(len(OUTLINES) - 1)]
    many = [item(str(i), architecture=f"m{i // 2}") for i in range(20)]
    assert outline_names(few) == ["", *(f"m{i}" for i in range(len(OUTLINES) - 1))]
    assert outline_names(many) == ["", *(f"m{i}" for i in range(len(OUTLINES) - 2)), "other models"]


def test_which_points_are_shown_is_one_bit_each():
    passing = np.array([True, False, True, True, False, False, True, True, False])
    assert np.unpackbits(decode(pack_shown(passing), np.uint8))[:9].astype(bool).tolist() == passing.tolist()
    assert pack_shown(np.ones(5, bool)) == ""


def test_a_family_is_named_in_its_densest_part_that_is_shown():
    clump = np.random.default_rng(0).normal(scale=0.1, size=(20, 2)) + 5
    at = np.vstack([clump, [[-9, -9], [-5, 0], [0, -5]]])
    items = [item(str(i)) for i in range(len(at))]
    (label,) = family_labels(items, at, np.ones(len(at), bool))
    assert np.hypot(label["x"] - 5, label["y"] - 5) < 0.3
    assert family_labels(items, at, np.zeros(len(at), bool)) == []
    assert densest(np.array([[1.0, 2.0]])).tolist() == [1, 2]


def test_edges_go_to_the_nearest_and_each_pair_is_there_once():
    angles = np.radians([0, 10, 15, 90, 95])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    assert nearest_edges(UnitRows(vectors), 1).tolist() == [[0, 1], [1, 2], [3, 4]]
    assert decode(pack_edges(nearest_edges(UnitRows(vectors), 1)), "<i4").tolist() == [0, 1, 1, 2, 3, 4]
    assert len(nearest_edges(UnitRows(vectors[:1]), 3)) == 0
    with pytest.raises(BadInput, match="give 1 or more"):
        nearest_edges(UnitRows(vectors), 0)


def test_edges_of_many_points_are_those_of_a_plain_search():
    vectors = np.random.default_rng(1).normal(size=(700, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    expected = {tuple(sorted((i, int(j)))) for i in range(700) for j in np.argsort(-similar[i])[:3]}
    assert {tuple(e) for e in nearest_edges(UnitRows(vectors), 3).tolist()} == expected


def test_names_of_families_have_a_depth_where_the_map_has_one():
    items = [item("a"), item("b"), item("c", family="topic")]
    places = np.array([[0, 0, 1], [0, 0, 1], [2, 3, 4]], float)
    everything = np.ones(3, bool)
    deep = [{"text": "sentiment", "x": 0, "y": 0, "z": 1}, {"text": "topic", "x": 2, "y": 3, "z": 4}]
    assert family_labels(items, places, everything) == deep
    assert all("z" not in label for label in family_labels(items, places[:, :2], everything))
