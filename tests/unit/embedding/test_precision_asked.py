"""What a request's device and precision mean for what is looked up of it later."""

import pytest
from tiny_language_models import saved

from fute_core.embedding.fulfil import embed_request
from fute_core.embedding.opening import as_asked, predictor_of
from fute_core.embedding.requests import EmbedRequest
from fute_core.models import precision
from fute_core.predictors.answers import read_answers
from fute_core.store.store import open_store


@pytest.mark.parametrize("asked", ["bfloat16", "float32"])
def test_answers_are_found_again_in_the_precision_they_were_asked_in(asked, tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "has_bf16", lambda: asked == "float32")  # by itself it would be the other one
    folder = str(saved(tmp_path, "gpt2"))
    request = EmbedRequest("prompt", "sentiment-12-faces", model=folder, probes=16, options={"precision": asked})
    store = open_store()
    embed_request(request, store)
    _, facts = predictor_of(request)
    texts = request.recipe.probes(facts["pair"]).texts
    with as_asked(request):
        assert len(read_answers(predictor_of(request)[0], store, texts).index) == 16
    assert len(read_answers(predictor_of(request)[0], store, texts).index) == 0
    with as_asked(None):
        assert precision.precision() != asked
