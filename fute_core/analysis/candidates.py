"""From what a user names to what can be ranked: the target dataset, and candidates with their answers.

Candidates are answers to the probe texts of the atlas. Those that ship or are stored are read; a language model is
asked only for texts that it has not answered. Nothing that is asked here takes a name in the store.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.atlas.added import stored_answers
from fute_core.atlas.atlas import Atlas, open_atlas
from fute_core.atlas.gallery import Item
from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.answering import collect_answers
from fute_core.embedding.beside import collect_together
from fute_core.embedding.fulfil import embed_request
from fute_core.embedding.how_read import language_model_of
from fute_core.embedding.opening import Facts, predictor_of, prompt_templates
from fute_core.embedding.recipe import Recipe, model_key
from fute_core.embedding.requests import DEFAULT_LIMIT, EmbedRequest
from fute_core.errors import BadInput
from fute_core.predictors import Predictor
from fute_core.predictors.answers import ProbeAnswers, answers_from
from fute_core.tasks import Kind

if TYPE_CHECKING:
    from fute_core.store.store import Store

Ask = Callable[[str, int, int], None]
"""Hears of (candidate, probe texts answered, of how many)."""


@dataclass(frozen=True)
class Candidate:
    """A prompt or model with its answers on the probe texts of an atlas.

    Parameters
    ----------
    name : str
        What it is called in the ranking.
    kind : {"model", "prompt"}
        What it is.
    family : str or None
        Its family, where it is known.
    answers : ProbeAnswers
        Its answers.
    calibrate : bool
        Label priors are still to be removed from the answers.
    language_model : str
        That a prompt was put to, if known.
    """

    name: str
    kind: Kind
    family: str | None
    answers: ProbeAnswers
    calibrate: bool
    language_model: str = ""


def find_target(ref: str, store: "Store") -> tuple[Atlas, Item]:
    """Find the dataset that candidates are ranked for; one that is not embedded yet is embedded.

    Parameters
    ----------
    ref : str
        Name of an embedded or shipped dataset, a file, or a Hub id.
    store : Store
        Where embeddings are looked for and kept.

    Returns
    -------
    atlas : Atlas
        The atlas in which the dataset lies: of single texts or of pairs.
    target : Item
        The dataset.

    Raises
    ------
    BadInput
        Where `ref` is none of these.
    """
    from fute_core.datasets.catalog import shipped_datasets

    card = shipped_datasets().get(ref)
    arities = (False, True) if card is None else (bool(card["pair"]),)
    for pair in arities:
        atlas = open_atlas(pair, store)
        for item in atlas.items:
            if (item.embedding.name, item.embedding.kind) == (ref, "dataset"):
                return atlas, item
    request = EmbedRequest("dataset", ref, limit=DEFAULT_LIMIT)
    embedding = embed_request(request, store)
    atlas = open_atlas(embedding.provenance.pair, store)
    atlas.space.place(embedding)  # says what differs where it does not fit
    return atlas, Item(embedding, embedding.provenance.details, stored_answers(store, embedding.key))


def find_candidates(
    atlas: Atlas,
    refs: Sequence[str],
    model: str,
    store: "Store",
    n_probes: int | None = None,
    told: Ask | None = None,
    options: Mapping[str, Any] | None = None,
) -> list[Candidate]:
    """Find the prompts and models that a user names, with their answers.

    Parameters
    ----------
    atlas : Atlas
        The atlas in which they are compared.
    refs : sequence of str
        Shipped prompts or families, files of prompts, and names in the atlas.
    model : str
        The language model that answers prompts: packaged name, folder or Hub id.
    store : Store
        Where answers are looked for and kept.
    n_probes : int, optional
        Only the first so many of the atlas's probe texts; fewer cost less, and tell less.
    told : callable, optional
        Hears of the progress, see `Ask`.
    options : mapping, optional
        How prompts are asked, such as at which endpoint, see `EmbedRequest`.

    Returns
    -------
    list of Candidate
        In the order of `refs`, each once.

    Raises
    ------
    BadInput
        For a reference that means nothing, two prompts of one name, and prompts that read pairs where the target has
        single texts, or the other way round.
    """
    texts = len(atlas.probes.texts)
    if n_probes is not None and n_probes > texts:
        raise BadInput(f"{n_probes} probe texts were asked for, and the space has {texts}; ask for fewer.")
    n = n_probes or texts
    found: dict[str, Candidate | _Asked] = {}
    sources: dict[str, object] = {}
    for ref in refs:
        named = [i for i in atlas.items if i.embedding.name == ref and i.embedding.kind != "dataset"]
        try:
            templates = prompt_templates(ref)
        except BadInput:
            if not named:
                raise
            templates = {}
        for name, template in templates.items():
            if name in found and sources[name] != template:
                raise BadInput(f"Two prompts are called {name!r}; rename one in its file, or leave one out.")
            if name not in found:
                asked = EmbedRequest("prompt", ref, model=model, template=name, name=name, options=options or {})
                found[name] = _look(atlas, asked, n)
                sources[name] = template
        for item in named if not templates else []:
            found.setdefault(ref, _known(item, item.embedding.name, n))
    _ask_together([one for one in found.values() if isinstance(one, _Asked)], atlas.probes.subset(n), store, told)
    return [one.ask(atlas, store, n, told) if isinstance(one, _Asked) else one for one in found.values()]


@dataclass(frozen=True)
class _Asked:
    """A prompt of which the atlas has no answers."""

    label: str
    predictor: Predictor
    facts: Facts

    def ask(self, atlas: Atlas, store: "Store", n: int, told: Ask | None) -> Candidate:
        report = None if told is None else lambda done, of: told(self.label, done, of)
        answers = collect_answers(self.predictor, atlas.probes.subset(n), store, progress=report)
        family, calibrate = self.facts["family"], self.facts["calibrate"]
        spoken = language_model_of(self.predictor)
        return Candidate(self.label, "prompt", family, answers_from(self.predictor, answers), calibrate, spoken)


def _look(atlas: Atlas, request: EmbedRequest, n: int) -> "Candidate | _Asked":
    """A prompt's answers on the first n probe texts where the atlas has them, else what is to be asked."""
    predictor, facts = predictor_of(request)
    if facts["pair"] != atlas.probes.pair:
        reads, has = ("pairs of texts", "single texts")[:: 1 if facts["pair"] else -1]
        raise BadInput(f"Prompt {request.name!r} reads {reads}, and the target has {has}; leave it out.")
    made = atlas.items[0].embedding.provenance
    key = model_key(predictor, Recipe(made.method, made.params, made.surrogate), pair=facts["pair"],
                    calibrate=facts["calibrate"])  # fmt: skip
    for item in atlas.items:
        if item.embedding.key == key and item.answers is not None:
            return _known(item, request.label, n)
    return _Asked(request.label, predictor, facts)


def _ask_together(asked: "list[_Asked]", probes: ProbeSet, store: "Store", told: Ask | None) -> None:
    """Prompts of one model read what they begin with in common once; what cannot be asked so is asked alone."""
    label = f"{len(asked)} prompts"
    report = None if told is None else lambda done, of: told(label, done, of)
    if len(asked) > 1:
        with suppress(BadInput):  # a single prompt is to blame, which says so when it is asked
            collect_together([one.predictor for one in asked], probes, store, report)


def _known(item: Item, name: str, n: int) -> Candidate:
    """An item of the atlas under a name. Its answers are as its vector is made from them."""
    made = item.embedding
    if item.answers is None:
        raise BadInput(f"The answers of {made.name!r} on the probe texts are not stored; embed it again.")
    index = np.flatnonzero(~np.isnan(item.answers[:n]).any(1))
    labels = tuple(item.facts.get("labels") or ())
    answers = ProbeAnswers(labels, index, item.answers[index])
    return Candidate(name, made.kind, made.family, answers, False, made.language_model)
