"""Maps: from one point up, the same every time, and where something new lands without moving the rest."""

import numpy as np
import pytest

from fute_core.errors import BadInput
from fute_core.maps import layout
from fute_core.maps.placing import place
from fute_core.maps.projection import project, shipped_projection
from fute_core.maps.quality import neighbour_preservation
from fute_core.space.rows import UnitRows


def clusters(n=30, groups=3, seed=0):
    rng = np.random.default_rng(seed)
    centres = np.eye(groups, 12)
    return (centres[np.arange(n) % groups] + 0.05 * rng.normal(size=(n, 12))).astype(np.float32)


@pytest.fixture(scope="module")
def umap_map():
    return project(clusters())


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 12])
@pytest.mark.parametrize("method", ["umap", "pca"])
@pytest.mark.parametrize("dim", [2, 3])
def test_from_one_point_up_there_is_a_map(n, method, dim):
    projection = project(clusters(n), method=method, dim=dim)
    assert projection.coordinates.shape == (n, dim)
    assert np.isfinite(projection.coordinates).all()
    expected = "pca" if n < 4 else method
    assert projection.method_used == expected
    assert any("UMAP needs at least 4 points" in note for note in projection.notes) == (method == "umap" and n < 4)
    assert any("says little" in note for note in projection.notes) == (n < 10)


def test_groups_stay_together_and_the_map_says_how_far_to_trust_it(umap_map):
    c = umap_map.coordinates
    within = np.mean([np.linalg.norm(c[i] - c[i + 3]) for i in range(27)])
    across = np.mean([np.linalg.norm(c[i] - c[i + 1]) for i in range(29)])
    assert across > 2 * within
    assert 0.5 < umap_map.neighbour_preservation <= 1
    assert 0.8 < umap_map.trustworthiness <= 1
    assert umap_map.k == 10


def test_the_same_items_give_the_same_map_in_any_order(umap_map):
    ids = [f"item {i}" for i in range(30)]
    one, shuffled = project(clusters(), ids=ids), np.random.default_rng(1).permutation(30)
    two = project(clusters()[shuffled], ids=[ids[i] for i in shuffled])
    assert two.coordinates.tobytes() == one.coordinates[shuffled].tobytes()
    assert project(clusters()).coordinates.tobytes() == umap_map.coordinates.tobytes()
    assert project(clusters(), seed=7).coordinates.tobytes() != umap_map.coordinates.tobytes()


def test_what_can_be_compared_needs_no_vectors_and_goes_by_its_names():
    rows = UnitRows.of(clusters())
    names = [f"item {i:02}" for i in range(len(rows))]
    turned = list(range(len(rows)))[::-1]
    there = project(rows.take(turned), "pca", ids=[names[i] for i in turned]).coordinates
    assert there[::-1] == pytest.approx(project(rows, "pca", ids=names).coordinates, abs=1e-5)
    assert project(rows, "pca").coordinates == pytest.approx(project(rows, "pca", ids=names).coordinates)


@pytest.mark.parametrize("method", ["umap", "pca"])
def test_a_new_point_lands_in_its_group_the_same_every_time_and_moves_nothing(method):
    projection = project(clusters(), method=method)
    before = projection.coordinates.copy()
    new = clusters(31)[30]  # of the first group
    landed = place(projection, new)
    assert place(projection, new).coordinates.tobytes() == landed.coordinates.tobytes()
    distances = np.linalg.norm(projection.coordinates - landed.coordinates, axis=1)
    assert set(np.argsort(distances)[:5] % 3) == {0}
    assert landed.spread >= 0
    assert (projection.coordinates == before).all()


def test_what_is_there_already_lands_on_itself_and_a_stranger_in_the_middle(umap_map):
    known = place(umap_map, clusters()[4])
    assert np.linalg.norm(known.coordinates - umap_map.coordinates[4]) < 0.05 * np.ptp(umap_map.coordinates)
    stranger = place(umap_map, -np.eye(1, 12)[0] - np.eye(1, 12, 1)[0] - np.eye(1, 12, 2)[0])
    assert stranger.coordinates == pytest.approx(umap_map.coordinates.mean(0), abs=1e-4)


def test_duplicates_and_silent_items_do_not_break_a_map():
    rows = np.concatenate([np.repeat(clusters(4), 5, axis=0), np.zeros((2, 12), np.float32)])
    for method in ("umap", "pca"):
        assert np.isfinite(project(rows, method=method).coordinates).all()
    assert np.isfinite(project(np.zeros((6, 12), np.float32)).coordinates).all()


def test_a_shipped_map_places_as_the_one_it_was_stored_from(umap_map):
    shipped = shipped_projection(umap_map.fitted.rows.vectors, umap_map.fitted.coordinates)
    assert shipped.neighbour_preservation == pytest.approx(umap_map.neighbour_preservation)
    assert place(shipped, clusters(31)[30] / np.linalg.norm(clusters(31)[30])).coordinates == pytest.approx(
        place(umap_map, clusters(31)[30]).coordinates, abs=1e-4
    )


def test_preservation_by_hand():
    distances = np.array([[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]], float)
    line = np.array([[0.0], [1.0], [5.0], [9.0]])  # nearest on the map: 1, 0, 1 and 2; by distances: 1, 0, 0 and 0
    assert neighbour_preservation(distances, line, 1) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("rows", "how", "says"),
    [
        (np.zeros((0, 3)), {}, "no table of vectors"),
        (np.zeros(3), {}, "no table of vectors"),
        (np.full((3, 3), np.nan), {}, "row 1 has values that are not finite"),
        (np.eye(3), {"method": "tsne"}, "choose umap or pca"),
        (np.eye(3), {"n_neighbors": 1}, "give 2 or more"),
        (np.eye(3), {"min_dist": 2}, "give 0 to 1"),
        (np.eye(3), {"dim": 4}, "choose 2 or 3"),
    ],
)
def test_what_cannot_be_mapped_is_a_sentence(rows, how, says):
    with pytest.raises(BadInput, match=says):
        project(rows, **how)


def test_a_vector_of_another_space_is_not_placed(umap_map):
    with pytest.raises(BadInput, match="A vector of 5 numbers cannot be placed on a map of 12"):
        place(umap_map, np.ones(5))
    with pytest.raises(BadInput, match="all finite"):
        place(umap_map, np.full(12, np.nan))


def test_pca_of_long_vectors_is_that_of_a_plain_decomposition():
    rows = np.random.default_rng(5).normal(size=(12, 300)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    places = project(rows, "pca").coordinates
    _, _, axes = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    expected = (rows - rows.mean(0)) @ axes[:2].T
    assert np.abs(places) == pytest.approx(np.abs(expected), abs=1e-5)


@pytest.mark.parametrize("method", ["umap", "pca"])
def test_items_too_many_to_compare_all_with_all_keep_their_groups_too(method, monkeypatch):
    """UMAP reads a graph of neighbours only from 4,096 points on, so the map is made of as many."""
    monkeypatch.setattr(layout, "LANDMARKS", 300)
    rows = clusters(4100)
    made = project(rows, method=method)
    assert made.trustworthiness is None
    centres = np.array([made.coordinates[g::3].mean(0) for g in range(3)])
    nearest = np.linalg.norm(made.coordinates[:, None] - centres, axis=2).argmin(1)
    assert (nearest == np.arange(4100) % 3).mean() > 0.98
    landed = place(made, clusters(4101)[4100]).coordinates
    assert np.linalg.norm(landed - centres, axis=1).argmin() == 4100 % 3
