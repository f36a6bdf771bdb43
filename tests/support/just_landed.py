"""A shipped prompt as if its answers had just come in, and places after part of them."""

from dashboard.reads import places, ranks
from fute_core.atlas import landing
from fute_core.atlas.same_texts import atlas_basis

_stages: dict = {}
"""By atlas, prompt and answers; the atlas with it, so that its number is no other's."""


def said_by_a_prompt(atlas) -> tuple:
    """The first prompt of the atlas and its answers, labels in order."""
    item = next(i for i in atlas.items if i.embedding.kind == "prompt" and i.answers is not None)
    return item, ranks.as_landed(item).answers


def found(said: tuple, n: int, atlas) -> places.Landed:
    """A copy of the prompt, landed after n of these answers; where that is, is computed once for an atlas."""
    item, answers = said
    part = answers.first(n)
    model = item.embedding.language_model
    which = id(atlas), item.embedding.key, part.proba.tobytes()
    if which not in _stages:
        basis = atlas_basis(atlas, None)
        _stages[which] = atlas, landing.land(atlas, part, basis, calibrate=False, language_model=model)
    _, stage = _stages[which]
    return places.Landed(
        f"copy of {item.embedding.name}", (stage,), part, False, None, source=f"copy {n}", language_model=model
    )
