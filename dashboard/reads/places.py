"""Where the prompts of a run land: their places while answers come in, then what lies near and what decides."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dashboard.reads import background, data
from dashboard.reads.work import WORKING
from dashboard.session.filtering import item_id

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.atlas.landing import Repeat, Stage
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import JobItem
    from fute_core.predictors.answers import ProbeAnswers
    from fute_core.space.verdict import Verdict


@dataclass(frozen=True)
class Landed:
    """One prompt on its way: stages so far, the answers behind the last, and its item in the atlas once it is there.

    source : says which prompt on which model it is. family : what it is meant to do. complete : no stage is to come.
    """

    name: str
    stages: tuple["Stage", ...]
    answers: "ProbeAnswers"
    calibrate: bool
    item: "Item | None"
    source: str = ""
    family: str | None = None
    complete: bool = False
    language_model: str = ""

    @property
    def kind(self) -> str:
        """What it is for a scale, see `kinds.scale_kind`."""
        from fute_core.space.kinds import scale_kind

        return scale_kind("prompt", self.language_model)

    @property
    def last(self) -> "Stage":
        return self.stages[-1]


def landed(pair: bool, item: "JobItem") -> "Landed | None":
    """How far one prompt of a run has come; None before the first place. Never waits longer than a moment."""
    request = item.request
    stored = data.store()
    answers = _answers(pair, request)
    if answers is None:
        return None
    from fute_core.atlas.landing import stages_of

    atlas = data.atlas(pair)
    wanted = request.probes or len(atlas.probes.texts)
    finished = item.state not in WORKING
    source = source_of(request)
    ends = stages_of(min(len(answers.index), wanted), len(answers.index) if finished else wanted)
    stages = []
    for n in ends:
        stage = background.soon(
            "land", space_key(atlas), source, n, patience=0.3,
            make=lambda n=n: _land(atlas, answers.first(n), request, stored),
        )  # fmt: skip
        if stage is not None:
            stages.append(stage)
    if not stages:
        return None
    # By what it is and not by its name: it may have been renamed since.
    mine = next((i for i in atlas.items if item.key and i.embedding.key == item.key), None)
    # No more answers than the place is made from: what is read off them would be computed anew for every few.
    return Landed(
        mine.embedding.name if mine else request.label, tuple(stages), answers.first(stages[-1].n),
        _calibrates(request), mine, source, request.family, finished and len(stages) == len(ends),
        language_model(request),
    )  # fmt: skip


def older(atlas: "Atlas", item: "JobItem") -> str:
    """What another method made a finished prompt by, where its vector lies in another space than the atlas; else ""."""
    stored = data.store().get_embedding(item.key) if item.key else None
    if stored is None or item.request.probes is not None:
        return ""
    now = atlas.items[0].embedding.space()
    return ", ".join(f"other {name}" for name, value in stored.space().items() if value != now[name])


def source_of(request: "EmbedRequest") -> str:
    """Which prompt, on which model, with which options: equal where the answers are."""
    options = str(sorted(request.options.items()))
    return " ".join(map(str, (request.ref, request.template, request.model, options)))


def _answers(pair: bool, request: "EmbedRequest") -> "ProbeAnswers | None":
    """Read from the store, where the job puts every chunk of answers; the predictor is made, the model not loaded."""
    from fute_core.atlas.landing import FEWEST_ANSWERS
    from fute_core.embedding.opening import as_asked
    from fute_core.predictors.answers import read_answers

    probes = data.atlas(pair).probes.texts[: request.probes]
    made = background.soon("predictor", source_of(request), make=lambda: predictor(request), patience=0.5)
    if made is None:
        return None
    with as_asked(request):
        found = read_answers(made, data.store(), probes)
    return found if len(found.index) >= FEWEST_ANSWERS else None


def predictor(request: "EmbedRequest"):
    """The black box of a prompt, not loaded, with its fingerprint known."""
    from fute_core.embedding.opening import as_asked, predictor_of

    with as_asked(request):
        made = predictor_of(request)[0]
        made.score_fingerprint() if hasattr(made, "score_fingerprint") else made.fingerprint()
    return made


def _land(atlas: "Atlas", answers: "ProbeAnswers", request: "EmbedRequest", store) -> "Stage":
    from fute_core.atlas.landing import land
    from fute_core.atlas.same_texts import atlas_basis

    return land(
        atlas,
        answers,
        atlas_basis(atlas, store),
        calibrate=_calibrates(request),
        language_model=language_model(request),
    )


def language_model(request: "EmbedRequest") -> str:
    """The model whose prompts it is compared with: answers in words are read otherwise than scores of the choices."""
    return "" if request.options.get("text") else request.model or ""


def _calibrates(request: "EmbedRequest") -> bool:
    return request.options.get("calibrate", True) is not False


def space_key(atlas: "Atlas") -> str:
    """Changes with what is in the space, so that similarities are in the order of its items."""
    from fute_core.digest import digest

    return digest([item_id(i) for i in atlas.items])


def nearest(atlas: "Atlas", found: Landed, kind: str | None, k: int = 6) -> list[tuple["Item", float, float, float]]:
    """(item, similarity, low, high) of the nearest of a kind after the last stage; the prompt itself is left out."""
    stage = found.last
    order = _order(atlas, stage.similarity, kind, found.name)[:k]
    return [(atlas.items[i], float(stage.similarity[i]), float(stage.low[i]), float(stage.high[i])) for i in order]


def verdict(atlas: "Atlas", found: Landed) -> "Verdict | None":
    """Whether it does a job that the atlas knows, after the last stage; None where there is no dataset."""
    from fute_core.space.verdict import judge

    best = nearest(atlas, found, "dataset", 1)
    return judge(found.last.scale, found.kind, best[0][0].embedding, best[0][1]) if best else None


def nearest_to(atlas: "Atlas", similarity: np.ndarray, kind: str, without: str) -> tuple["Item", float]:
    """The item of a kind with the highest of these similarities (n_items,), and which that is."""
    best = _order(atlas, similarity, kind, without)[0]
    return atlas.items[best], float(similarity[best])


def _order(atlas: "Atlas", similarity: np.ndarray, kind: str | None, without: str) -> list[int]:
    return [
        i for i in np.argsort(-similarity, kind="stable")
        if i < len(atlas.items) and kind in (None, atlas.items[i].embedding.kind)
        and item_id(atlas.items[i]) != f"prompt:{without}"
    ]  # fmt: skip


def repeats(atlas: "Atlas", found: Landed) -> "list[Repeat] | None":
    """`landing.repeats` of its answers so far; None while they are computed."""
    from fute_core.atlas.landing import repeats as repeated
    from fute_core.atlas.same_texts import atlas_basis

    n = found.last.n
    return background.soon(
        "repeats", space_key(atlas), found.source, n, patience=0.1,
        make=lambda: repeated(
            atlas, found.answers.first(n), atlas_basis(atlas, data.store()), calibrate=found.calibrate,
            language_model=found.language_model,
        ),
    )  # fmt: skip


def deciding(atlas: "Atlas", found: Landed, k: int = 4) -> tuple["Item | None", list[tuple[str, str, str]]]:
    """The nearest item with answers, and the probe texts that make the prompt like it: (text, here, there).

    As in the place itself, only the texts count that the prompt has answered.
    """
    from fute_core.analysis.evidence import telling_texts, text_shares
    from fute_core.atlas.gallery import Item
    from fute_core.atlas.same_texts import atlas_basis, calibrator_on, provisional

    basis, index = atlas_basis(atlas, data.store()), found.answers.index
    calibrator = calibrator_on(atlas, index, basis)
    full = found.answers.full(len(atlas.probes.texts), found.calibrate)
    embedding = provisional(atlas, found.answers, basis, calibrate=found.calibrate, language_model=found.language_model)
    own = Item(embedding, {"labels": found.answers.labels}, full)
    for item, *_ in nearest(atlas, found, "dataset", 12) + nearest(atlas, found, None, 12):
        if item.answers is not None and len(item.answers) == len(full):
            asked = (replace(i, answers=i.answers[index]) for i in (own, item))
            shares = text_shares(calibrator, basis[index], *asked)
            return item, data.said(atlas, own, item, index[list(telling_texts(shares, k)[1])])
    return None, []
