"""`fute select` without the command line: from names and files to a ranking in the atlas.

Candidates are answers on the probe texts of the atlas. Those that ship or are stored are read; a language model is
asked only for texts that it has not answered. Nothing that is asked here takes a name in the store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.analysis.ranking import Answered, Selection, select
from fute_core.atlas.atlas import Atlas, open_atlas, stored_answers
from fute_core.atlas.gallery import Item
from fute_core.atlas.probe_answers import ProbeAnswers
from fute_core.atlas.same_texts import provisional
from fute_core.embedding.pipelines import Recipe, collect_answers, model_key
from fute_core.embedding.requests import DEFAULT_LIMIT, EmbedRequest, embed_request, predictor_of, prompt_templates
from fute_core.errors import BadInput
from fute_core.methods.functional import log_odds
from fute_core.predictors import ScoringPredictor
from fute_core.space.scale import is_small, kin_level
from fute_core.tasks import Kind

if TYPE_CHECKING:
    from fute_core.store.store import Store

LEVEL = 0.95
Ask = Callable[[str, int, int], None]
"""Hears of (candidate, probe texts answered, of how many)."""


@dataclass(frozen=True)
class Candidate:
    """A prompt or model with its answers on the probe texts of an atlas. calibrate : label priors are to be removed."""

    name: str
    kind: Kind
    family: str | None
    answers: ProbeAnswers
    calibrate: bool


def find_target(ref: str, store: "Store") -> tuple[Atlas, Item]:
    """The atlas in which the dataset `ref` lies, and the dataset: embedded by that name, shipped, a file or a Hub id.

    Raises BadInput where it is none of these.
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
    atlas: Atlas, refs: Sequence[str], model: str, store: "Store", n_probes: int | None = None, told: Ask | None = None
) -> list[Candidate]:
    """What `refs` mean, in their order: shipped prompts or families, files of prompts, and names in the atlas.

    model : the language model that prompts are asked of. n_probes : only the first so many of the atlas's texts.
    Raises BadInput for a reference that means nothing, and for prompts of the other arity than the target's.
    """
    texts = len(atlas.probes.texts)
    if n_probes is not None and n_probes > texts:
        raise BadInput(f"{n_probes} probe texts were asked for, and the space has {texts}; ask for fewer.")
    found: dict[str, Candidate] = {}
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
                request = EmbedRequest("prompt", ref, model=model, template=name, name=name)
                found[name] = _asked(atlas, request, store, n_probes or texts, told)
                sources[name] = template
        for item in named if not templates else []:
            found.setdefault(ref, _known(item, item.embedding.name, n_probes or texts))
    return list(found.values())


def _asked(atlas: Atlas, request: EmbedRequest, store: "Store", n: int, told: Ask | None) -> Candidate:
    """A prompt's answers on the first n probe texts: those of the atlas where it has them, else by asking."""
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
    report = None if told is None else lambda done, of: told(request.label, done, of)
    scores = collect_answers(predictor, atlas.probes.subset(n), store, progress=report)
    answered = np.flatnonzero(~np.isnan(scores).any(1))
    raw = scores[answered]
    proba = predictor.proba(raw) if isinstance(predictor, ScoringPredictor) else raw
    answers = ProbeAnswers(tuple(predictor.labels), answered, proba)
    return Candidate(request.label, "prompt", facts["family"], answers, facts["calibrate"])


def _known(item: Item, name: str, n: int) -> Candidate:
    """An item of the atlas under a name. Its answers are as its vector is made from them."""
    made = item.embedding
    if item.answers is None:
        raise BadInput(f"The answers of {made.name!r} on the probe texts are not stored; embed it again.")
    index = np.flatnonzero(~np.isnan(item.answers[:n]).any(1))
    labels = tuple(item.facts.get("labels") or ())
    return Candidate(name, made.kind, made.family, ProbeAnswers(labels, index, item.answers[index]), False)


def choose(atlas: Atlas, target: Item, candidates: Sequence[Candidate], basis: np.ndarray) -> Selection:
    """Rank candidates by their agreement with the target over the probe texts that all of them have answered.

    Raises BadInput where there are none, or where the target's own answers are not known.
    """
    if target.answers is None:
        raise BadInput(f"The answers of {target.embedding.name!r} on the probe texts are not stored; embed it again.")
    if not candidates:
        raise BadInput("There is nothing to choose from; name at least one prompt.")
    common = set(np.flatnonzero(~np.isnan(target.answers).any(1)).tolist())
    for candidate in candidates:
        common &= set(candidate.answers.index.tolist())
    if not common:
        raise BadInput("The candidates have answered no probe text in common; embed them on the same texts.")
    index = np.array(sorted(common), int)
    rivals = []
    for candidate in candidates:
        kept = np.isin(candidate.answers.index, index)
        given = replace(candidate.answers, index=index, proba=candidate.answers.proba[kept], outside=None)
        embedding = provisional(atlas, given, basis, calibrate=candidate.calibrate)
        embedding = replace(embedding, name=candidate.name, kind=candidate.kind, family=candidate.family)
        full = given.full(len(basis), candidate.calibrate)
        rivals.append(Answered(embedding, log_odds(full)[index], given.labels))
    names = tuple(map(str, target.facts.get("labels") or ()))
    aimed = Answered(target.embedding, log_odds(target.answers)[index], names)
    kinds = {candidate.kind for candidate in candidates}
    return select(aimed, rivals, basis[index], atlas.space.calibrator, level=level(atlas, kinds))


def level(atlas: Atlas, kinds: Sequence[Kind] | set[Kind] = ("prompt",)) -> float:
    """Similarity that one in twenty pairs of a dataset and an item of `kinds` for another job reaches, else 0."""
    known = [atlas.scale.reference("dataset", kind) for kind in kinds]
    return max((float(np.quantile(null, LEVEL)) for null in known if len(null)), default=0.0)


def selection_json(atlas: Atlas, target: Item, selection: Selection, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """The selection as JSON values. share : of pairs known to do different jobs that are as similar, where known."""
    kinds = {candidate.name: candidate.kind for candidate in candidates}
    ranking = []
    for r in selection.ranking:
        ranking.append(
            {
                "group": r.group, "name": r.name, "kind": kinds[r.name], "family": r.family,
                "agreement": round(r.agreement, 4), "share": _share(atlas, kinds[r.name], r.similarity),
                "similarity": round(r.similarity, 4),
                "low": round(r.low, 4), "high": round(r.high, 4), "constant": r.constant,
            }
        )  # fmt: skip
    return {
        "target": target.embedding.name,
        "family": target.embedding.family,
        "n_texts": selection.n_texts,
        "level": round(level(atlas, set(kinds.values())), 4),
        "winner": selection.winner,
        "reason": selection.reason,
        "ranking": ranking,
    }


def cover_json(atlas: Atlas, k: int, kind: Kind) -> dict[str, Any]:
    """The k items of a kind that stand for the others, and which are redundant, as JSON values.

    too_small : datasets that are left out, see `scale.is_small`.
    unlike : those whose chosen one is hardly more like them than items for other jobs are (one in twenty reaches it).
    threshold : similarity from which an item repeats another, see `scale.kin_level`; None where nothing tells, and then
        none is redundant.
    Raises BadInput where there are fewer than k.
    """
    from fute_core.analysis.cover import cover, redundant

    of_kind = [i for i, item in enumerate(atlas.items) if item.embedding.kind == kind]
    members = [i for i in of_kind if not is_small(atlas.items[i].embedding)]
    embeddings = [atlas.items[i].embedding for i in members]
    vectors = atlas.space.vectors[members].astype(np.float64)
    similarity = np.clip(vectors @ vectors.T, -1.0, 1.0)
    np.fill_diagonal(similarity, 1.0)
    found = cover(similarity, k)
    null = atlas.scale.reference(kind, kind)
    # What users say of their own items is not what the scale is measured on.
    known = [at for at, i in enumerate(members) if atlas.gallery is None or atlas.items[i].facts.get("shipped")]
    threshold = kin_level(atlas.scale, kind, [embeddings[i] for i in known], similarity[np.ix_(known, known)])
    doubtful = float(np.quantile(null, LEVEL)) if len(null) else 0.0

    def like(one: int, value: float) -> dict[str, Any]:
        return {"name": embeddings[one].name, "share": _share(atlas, kind, value, kind), "similarity": round(value, 4)}

    chosen = []
    for c in found.chosen:
        others = [i for i in np.flatnonzero(found.represents == c) if i != c and found.similarity[i] > doubtful]
        others.sort(key=lambda i: -found.similarity[i])
        stands_for = [like(i, float(found.similarity[i])) for i in others]
        chosen.append({"name": embeddings[c].name, "family": embeddings[c].family, "stands_for": stands_for})
    repeats = [] if threshold is None else redundant(similarity, threshold, found.chosen)
    return {
        "kind": kind,
        "n": len(members),
        "k": k,
        "coverage": round(found.coverage, 4),
        "chosen": chosen,
        "too_small": [atlas.items[i].embedding.name for i in of_kind if i not in members],
        "unlike": [embeddings[i].name for i in np.flatnonzero(found.similarity <= doubtful)],
        "threshold": None if threshold is None else round(threshold, 4),
        "redundant": [
            {**like(one, float(similarity[one, other])), "repeats": embeddings[other].name} for one, other in repeats
        ],
    }


def _share(atlas: Atlas, kind: Kind, similarity: float, other: Kind = "dataset") -> float | None:
    share = atlas.scale.share(other, kind, similarity)
    return None if np.isnan(share) else round(share, 4)
