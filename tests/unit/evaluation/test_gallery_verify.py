"""What `fute gallery verify` calls the same: the rounding of bfloat16 passes, another vector does not."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.atlas.gallery import load_gallery
from fute_core.evaluation import gallery_verify


def off(embedding, angle: float, seed: int):
    """The same embedding, turned by an angle in radians in a random direction."""
    own = np.linalg.qr(embedding.factor.astype(np.float64))[0]
    aside = np.random.default_rng(seed).standard_normal((len(own), 1))
    aside -= own @ (own.T @ aside)
    turned = np.sqrt(np.cos(angle)) * embedding.factor, np.sqrt(np.sin(angle)) * aside / np.linalg.norm(aside)
    return replace(embedding, factor=np.hstack(turned).astype(np.float32))


@pytest.fixture
def verify(monkeypatch):
    """Verifies one prompt of the gallery whose recomputed vectors are given, by precision; all models are installed."""
    monkeypatch.setattr(gallery_verify, "list_models", lambda: [])
    items = [item for pair in (False, True) for item in load_gallery(pair).items]
    seed = next(
        s for s in range(100) if items[np.random.default_rng(s).permutation(len(items))[0]].embedding.kind == "prompt"
    )
    shipped = items[np.random.default_rng(seed).permutation(len(items))[0]].embedding

    def verified(**recomputed):
        monkeypatch.setattr(gallery_verify, "read_language_model", lambda ref, arithmetic: arithmetic)
        monkeypatch.setattr(gallery_verify, "_prompt_again", lambda old, arithmetic, store: recomputed[arithmetic])
        (row,) = gallery_verify.verify_gallery(1, seed)
        assert row["name"] == shipped.name
        return row

    return shipped, verified


def test_another_processor_s_rounding_is_the_same_and_float32_was_asked(verify):
    shipped, verified = verify
    exact = off(shipped, 0.08, 1)
    row = verified(bfloat16=off(exact, 0.08, 2), float32=exact)
    assert row["cosine"] < gallery_verify.SAME
    assert row["shipped"] == pytest.approx(np.cos(0.08), abs=1e-4)
    assert row["recomputed"] == pytest.approx(np.cos(0.08), abs=1e-4)
    assert row["same"]


def test_equal_bytes_need_no_float32(verify):
    shipped, verified = verify
    row = verified(bfloat16=shipped)
    assert (row["cosine"], row["shipped"], row["same"]) == (1.0, None, True)


@pytest.mark.parametrize("rounding", [0.0, 0.01, 0.035])
def test_a_vector_further_from_float32_than_rounding_puts_it_differs(verify, rounding):
    shipped, verified = verify
    exact = off(shipped, 0.08, 1)
    assert not verified(bfloat16=off(exact, rounding, 2), float32=exact)["same"]


def test_prompts_on_models_that_are_not_installed_are_not_drawn(monkeypatch):
    items = [i for pair in (False, True) for i in load_gallery(pair).items]
    asked = [i.facts["language_model"] for i in items if i.embedding.kind == "prompt"]
    monkeypatch.setattr(gallery_verify, "list_models", lambda: [{"name": m, "installed": False} for m in set(asked)])
    monkeypatch.setattr(gallery_verify, "_again", lambda item, store: item.embedding)
    rows = gallery_verify.verify_gallery(len(items))
    assert {row["kind"] for row in rows} == {"dataset", "model"}
    assert len(rows) == len(items) - len(asked)
