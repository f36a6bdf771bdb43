"""What a model said before it answered, for a prompt that lets it reason first: read from the store, never asked."""

from typing import TYPE_CHECKING, Any

from fute_core.embedding.opening import as_asked, predictor_of
from fute_core.embedding.requests import EmbedRequest
from fute_core.predictors.answers import read_answers, reasons

if TYPE_CHECKING:
    from fute_core.store.store import Store

SHOWN = 3
"""Texts whose thoughts are told where nobody asks for more."""


def thoughts_of(request: EmbedRequest, store: "Store", n: int = SHOWN) -> list[dict[str, Any]]:
    """Read what was said about the first probe texts.

    Parameters
    ----------
    request : EmbedRequest
        Of anything.
    store : Store
        Where answers are kept.
    n : int, default 3
        How many texts.

    Returns
    -------
    list of dict
        JSON values for each text that was answered: "text", "thought", and "probabilities" by label, label priors not
        removed. Empty for what answers at once.

    Raises
    ------
    BadInput
        Where the request cannot be opened any more.
    """
    if request.kind != "prompt":
        return []
    with as_asked(request):
        predictor, facts = predictor_of(request)
        if not reasons(predictor):
            return []
        texts = request.recipe.probes(facts["pair"]).texts[:n]
        found = read_answers(predictor, store, texts)
    return [
        {
            "text": texts[i],
            "thought": thought,
            "probabilities": {label: round(float(p), 4) for label, p in zip(found.labels, row, strict=True)},
        }
        for i, thought, row in zip(found.index, found.thoughts or (), found.proba, strict=True)
    ]
