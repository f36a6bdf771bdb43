"""Intervals over a dataset's rows, and over rows and probe texts, judged on rows and texts that had no part in them.

A dataset's rows are cut into halves that share none, and so are the probe texts. Each half has a similarity of its own
to whatever else there is, and an interval. The difference of two independent halves varies twice as much as either, so
the interval of one, widened by the root of two about its similarity, should hold the similarity of the other in 95 % of
cases: over rows where both are judged on all probe texts, over both where each is judged on its half of the texts.
What a dataset is compared with is the same for both halves, and the whitening is learnt without the dataset's family.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import Gallery, Item
from fute_core.embedding.pipelines import embed_dataset
from fute_core.embedding.recipe import Recipe
from fute_core.embedding.row_draws import heads_of
from fute_core.evaluation.parts.rows import dataset_parts, first_rows, halves
from fute_core.gram import gram_factor
from fute_core.methods import Observations
from fute_core.methods.functional import log_odds, task_answers
from fute_core.methods.left_out_rows import answers_without, dealt
from fute_core.models.surrogate import load_surrogate
from fute_core.space.calibration import Calibrator
from fute_core.space.drawn import answer_weight, gram_cosines
from fute_core.space.placed import Placed
from fute_core.space.resampling import Resampler, about_zero, fewer_columns, half_samples, interval
from fute_core.space.row_spread import WithoutRows, half_widths_of, over_both
from fute_core.space.some_texts import calibrated_on
from fute_core.tasks import TaskDataset
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

QUICK_ROWS = 40
"""Rows of a dataset, where it is only to be seen that it works."""


@dataclass(frozen=True)
class HalfRows:
    """Half of a dataset's rows.

    Parameters
    ----------
    embedding : TaskEmbedding
        Made from this half.
    answers : ndarray of float64, shape (m, k)
        Its centred answers to the probe texts.
    without : list of ndarray of float64, shape (m, k)
        Its answers without each group of its rows.
    """

    embedding: TaskEmbedding
    answers: NDArray[np.float64]
    without: list[NDArray[np.float64]]


@dataclass(frozen=True)
class SaidOverRows:
    """What half of a dataset's rows says of its similarities to n items.

    Parameters
    ----------
    value : ndarray of float64, shape (n,)
        The similarities.
    low, high : ndarray of float64, shape (n,)
        The ends of their intervals.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def holds(self, other: "SaidOverRows") -> NDArray[np.bool_]:
        """Tell which similarities of another half the intervals of this one hold, widened by the root of two.

        Parameters
        ----------
        other : SaidOverRows
            Of the other half, to the same items.

        Returns
        -------
        ndarray of bool, shape (n,)
            Whether it lies within.
        """
        off = other.value - self.value
        return np.asarray(
            (off >= np.sqrt(2) * (self.low - self.value)) & (off <= np.sqrt(2) * (self.high - self.value))
        )


def two_halves(name: str, store: "Store", quick: bool = False) -> list[HalfRows]:
    """Cut a shipped dataset's rows in two, and make of each half what intervals over it need.

    Parameters
    ----------
    name : str
        Of the dataset.
    store : Store
        Keeps vectors and features.
    quick : bool, default False
        Of few rows.

    Returns
    -------
    list of two HalfRows
        Of the rows that its shipped vector is made from.
    """
    rows = dataset_parts(name).dte
    recipe = Recipe()
    return [_half(half, recipe, store) for half in halves(first_rows(rows, QUICK_ROWS) if quick else rows)]


def _half(rows: TaskDataset, recipe: Recipe, store: "Store") -> HalfRows:
    surrogate, heads = load_surrogate(recipe.surrogate, store), heads_of(recipe)
    texts = recipe.probes(rows.pair).texts
    observations = Observations(rows.texts, rows.targets, rows.regression, texts, None, recipe.seed)
    without = answers_without(surrogate, observations, heads, dealt(rows.targets, rows.regression))
    answers = task_answers(surrogate, observations, heads.C, heads.spelling)
    return HalfRows(embed_dataset(rows, recipe, store), answers, without)


def said_by_rows(half: HalfRows, gallery: Gallery, calibrator: Calibrator, others: Placed) -> SaidOverRows:
    """Give the intervals over rows of the similarities of half a dataset.

    Parameters
    ----------
    half : HalfRows
        The half.
    gallery : Gallery
        Has the basis of the probe texts.
    calibrator : Calibrator
        Of the space.
    others : Placed
        n items in it.

    Returns
    -------
    SaidOverRows
        On all probe texts.
    """
    factors = [gram_factor(z, gallery.basis)[0] for z in half.without]
    value = calibrator.place([half.embedding]).cosines(others)[0].astype(np.float64)
    widths = WithoutRows(calibrator, half.embedding, factors).half_widths(others)
    return SaidOverRows(value, value - widths, value + widths)


def said_by_both(
    half: HalfRows,
    gallery: Gallery,
    calibrator: Calibrator,
    chosen: Sequence[Item],
    texts: NDArray[np.intp],
    draws: int,
) -> SaidOverRows:
    """Give the intervals over rows and texts of the similarities of half a dataset on some of the probe texts.

    Parameters
    ----------
    half : HalfRows
        The half of the rows.
    gallery : Gallery
        Its items' means on these texts are taken away.
    calibrator : Calibrator
        Of the space, of which the whitening is used.
    chosen : sequence of n Items
        What the half is compared with.
    texts : ndarray of int, shape (m,)
        Positions of the probe texts.
    draws : int
        Draws of these texts.

    Returns
    -------
    SaidOverRows
        The Fisher part is that of the half, on whatever texts.
    """
    references = [(i.embedding, log_odds(i.answers[texts])) for i in gallery.items if i.answers is not None]
    known = calibrated_on(calibrator, gallery.basis[texts], references)
    counts = np.vstack([np.ones(len(texts), np.intp), half_samples(len(texts), draws)])
    resampled = Resampler(known, gallery.basis[texts], counts)
    whole = Resampler(known, gallery.basis[texts], counts[:1])
    placed = calibrator.place([half.embedding])
    own = resampled.resample(half.embedding, fewer_columns(half.answers[texts]), placed)
    left = [whole.resample(half.embedding, fewer_columns(z[texts]), placed) for z in half.without]
    values, lows, highs = [], [], []
    for item in chosen:
        assert item.answers is not None
        other = calibrator.place([item.embedding])
        answers = fewer_columns(log_odds(item.answers)[texts])
        drawn = resampled.resample(item.embedding, answers, other)
        weight = answer_weight(own, drawn)
        beside = float(placed.cosines(other)[0, 0] - placed.cosines(other, beside=False)[0, 0])
        cosines = weight * gram_cosines(own, drawn)
        value = float(cosines[0]) + beside
        ends = interval(value + about_zero(cosines[1:]))
        single = whole.resample(item.embedding, answers, other)
        found = np.array([[weight * gram_cosines(one, single)[0]] for one in left])
        width = half_widths_of(found, np.array([weight < 1.0]), half.embedding.provenance.n_texts)
        low, high = over_both(value, ends, float(width[0]))
        values.append(value)
        lows.append(low)
        highs.append(high)
    return SaidOverRows(np.array(values), np.array(lows), np.array(highs))
