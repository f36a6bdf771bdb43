"""Similarities judged by some of the probe texts alone: by those that something new has answered so far.

A vector made from some of the probe texts lies in the space of all of them, since a text without an answer adds nothing
to it. What it is like is judged by what others have answered to the same texts.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.gram import gram_factor
from fute_core.methods.functional import log_odds
from fute_core.predictors.answers import ProbeAnswers
from fute_core.space.calibration import Calibrator
from fute_core.space.drawn import answer_weight, gram_cosines
from fute_core.space.resampling import Resampler
from fute_core.space.scale import Scale
from fute_core.space.scales import scale_at
from fute_core.space.some_texts import calibrated_on

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.store.store import Store
    from fute_core.tasks import Kind
    from fute_core.vectors import TaskEmbedding


def atlas_basis(atlas: "Atlas", store: "Store | None") -> NDArray[np.float64]:
    """Give the orthonormal basis of the probe texts that the atlas's vectors are written in.

    Parameters
    ----------
    atlas : Atlas
        The space.
    store : Store or None
        Keeps the surrogate's features where they have to be computed.

    Returns
    -------
    ndarray of float64, shape (n_probes, r)
        What ships with the gallery; without one, `methods.functional.probe_basis` of the surrogate's features.
    """
    if atlas.gallery is not None:
        return atlas.gallery.basis
    from fute_core.methods.functional import Functional, probe_basis
    from fute_core.models.surrogate import load_surrogate

    made = atlas.items[0].embedding.provenance
    surrogate = load_surrogate(made.surrogate, store)
    return probe_basis(surrogate.features(atlas.probes.texts), int(made.params.get("rank", Functional().rank)))


def provisional(
    atlas: "Atlas",
    answers: ProbeAnswers,
    basis: NDArray[np.float64],
    *,
    kind: "Kind" = "prompt",
    calibrate: bool = True,
    language_model: str = "",
) -> "TaskEmbedding":
    """Make the embedding of these answers in the atlas's space; it has no name and no store key.

    Probe texts without an answer add nothing to the vector, so it lies in the same space as one made from all of them.

    Parameters
    ----------
    atlas : Atlas
        The space.
    answers : ProbeAnswers
        The answers, k labels.
    basis : ndarray of float64, shape (n_probes, r)
        See `atlas_basis`.
    kind : {"dataset", "model", "prompt"}, default "prompt"
        What has answered; each kind has its own mean in the calibration.
    calibrate : bool, default True
        Remove label priors.
    language_model : str
        That a prompt was put to, if known: one with references has a mean of its own.

    Returns
    -------
    TaskEmbedding
        As `Calibrator.place` takes it.

    Raises
    ------
    BadInput
        For a space whose vectors are not made from answers.
    """
    pattern = atlas.items[0].embedding
    if pattern.factor is None:
        raise BadInput("This space is not made from answers, so nothing can be placed in it before it is done.")
    used = answers.used(calibrate)
    centred = np.zeros((len(basis), used.shape[1]))
    centred[answers.index] = log_odds(used)
    factor, _ = gram_factor(centred, basis)
    provenance = replace(
        pattern.provenance,
        n_texts=len(answers.index),
        details={"language_model": language_model} if language_model else {},
    )
    return replace(
        pattern, name="", kind=kind, values=np.zeros_like(pattern.values), factor=factor, key="", family=None,
        provenance=provenance,
    )  # fmt: skip


def similar_on_same_texts(
    atlas: "Atlas", answers: ProbeAnswers, basis: NDArray[np.float64], counts: NDArray[Any], *, kind: "Kind" = "prompt",
    calibrate: bool = True, language_model: str = "", among: Sequence[int] | None = None,
) -> NDArray[np.float32]:  # fmt: skip
    """Compare answers with items of the atlas by the texts that were answered alone.

    Items' answers on other texts are left out, since they would have nothing to be compared with: of 14 skilled
    prompts on a small model, this finds the family of 6 after 32 texts and of 9 after 128; against whole items, 0
    and 2. With all texts both are the same. Items whose answers are not known are compared as a whole.

    Parameters
    ----------
    atlas : Atlas
        The space.
    answers : ProbeAnswers
        Answers to m probe texts.
    basis : ndarray of float64, shape (n_probes, r)
        See `atlas_basis`.
    counts : ndarray, shape (draws, m)
        How often each draw has each of the m answered texts.
    kind, calibrate, language_model : str, bool, str
        As for `provisional`.
    among : sequence of int, length n, optional
        Positions of the items that are wanted: each takes its time. None for all.

    Returns
    -------
    ndarray of float32, shape (draws, n)
        Calibrated similarities, -1 to 1.

    Raises
    ------
    BadInput
        For a space whose vectors are not made from answers.
    """
    embedding = provisional(atlas, answers, basis, kind=kind, calibrate=calibrate, language_model=language_model)
    placed = atlas.space.calibrator.place([embedding])
    drawn = Resampler(calibrator_on(atlas, answers.index, basis), basis[answers.index], counts)
    own = drawn.resample(embedding, log_odds(answers.used(calibrate)), placed)
    rows = range(len(atlas.items)) if among is None else among
    whole = placed.cosines(atlas.space.placed)[0, rows]
    found = np.repeat(whole[None], len(counts), 0)
    for at, i in enumerate(rows):
        item = atlas.items[i]
        if item.answers is not None and len(item.answers) == len(basis):
            known = log_odds(item.answers[answers.index])
            other = drawn.resample(item.embedding, known, atlas.space.placed.take([i]))
            found[:, at] = answer_weight(own, other) * gram_cosines(own, other)
    similarities: NDArray[np.float32] = np.clip(found, -1.0, 1.0).astype(np.float32)
    return similarities


def calibrator_on(atlas: "Atlas", index: NDArray[np.intp], basis: NDArray[np.float64]) -> Calibrator:
    """Give the atlas's calibration by the answers of its references to some of the texts alone.

    Parameters
    ----------
    atlas : Atlas
        The space.
    index : ndarray of int, shape (n,)
        Positions of the probe texts.
    basis : ndarray of float64, shape (n_probes, r)
        See `atlas_basis`.

    Returns
    -------
    Calibrator
        See `space.some_texts.calibrated_on`.
    """
    references = atlas.gallery.items if atlas.gallery else atlas.items
    answered = [
        (item.embedding, log_odds(item.answers[index]))
        for item in references
        if item.answers is not None and len(item.answers) == len(basis)
    ]
    return calibrated_on(atlas.space.calibrator, basis[index], answered)


def scale_on_texts(atlas: "Atlas", n: int) -> Scale:
    """Tell what a similarity means that is judged by n probe texts alone.

    On few texts, items for different jobs look more alike than on all, so each number of texts has a scale of its own.

    Parameters
    ----------
    atlas : Atlas
        The space.
    n : int
        How many probe texts were answered.

    Returns
    -------
    Scale
        See `space.scales.scale_at`.
    """
    return scale_at(atlas.gallery.scales if atlas.gallery else {len(atlas.probes.texts): atlas.scale}, n)
