"""Do two datasets do each other's job? Tried on their rows, whatever families people put them into.

A dataset's heads, those that its embedding is made from, answer the rows of another dataset. A logistic regression
reads that one's labels off the answers, learnt on some rows and judged on others. How well this goes, beside the same
with answers of its own heads, is the share of the job that the heads of the other dataset do. Its own heads are fitted
on one half of its rows and read on the other, both ways, since a reader of rows that are left out of a fit one by one
finds their labels even where there is nothing to learn. A head of random weights is the floor: some of a job can be
read off any directions of the encoder's features. `benchmarks/shared_jobs.py` measures how well similarities foretell
such shares.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.display import counted, named
from fute_core.errors import BadInput
from fute_core.methods import Observations
from fute_core.methods.functional import Functional, task_answers
from fute_core.methods.fused import Fused
from fute_core.methods.left_out_rows import answers_without, dealt

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate
    from fute_core.tasks import TaskDataset, Text

HALVES, FOLDS, DRAWS, RANDOM_HEADS = 2, 5, 1000, 10
LEAST_ROWS = 10
"""Of a label: five in each half. With fewer, draws of rows tell too little of how sure a skill is."""
HEADS = Functional(C=Fused.functional_C)
"""As in a dataset's embedding by default."""
SHARED = 0.5
"""Two do each other's job from this share on; see `benchmarks/shared_jobs.py`."""
LEAST_SKILL = 0.2
"""Where a dataset's own heads have less, nothing is said of others on its rows."""


@dataclass(frozen=True)
class Measured:
    """A figure with its 95 % interval over the rows.

    Parameters
    ----------
    value, low, high : float
        Skills up to 1, 0 for guessing; or a share of another skill.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Swap:
    """One dataset's rows, answered by the heads of another.

    Parameters
    ----------
    rows_of, head_of : str
        Names of the datasets.
    rows : int
        How many rows were answered.
    own : Measured
        Skill read off the answers of the rows' own heads, (balanced accuracy - 1/k) / (1 - 1/k).
    other : Measured
        The same off the answers of the other heads.
    share : Measured or None
        `other` by `own`, on the same draws of rows; None where `own` is below 0.2, or may be 0.
    random : float
        The largest skill that is read off ten heads of random weights with as many columns.
    in_both : int
        Rows whose text the other dataset has as well; its heads are fitted without them.
    """

    rows_of: str
    head_of: str
    rows: int
    own: Measured
    other: Measured
    share: Measured | None
    random: float
    in_both: int = 0

    @property
    def words(self) -> str:
        """What it says, in a sentence or two."""
        head, rows = named(self.head_of), named(self.rows_of)
        both = f" {counted(self.in_both, 'row')} of {head} left out, since {rows} has them too." if self.in_both else ""
        return self._said(head, rows) + both

    def _said(self, head: str, rows: str) -> str:
        if self.share is None:
            own = f"The own heads of {rows} tell its labels apart with a skill of {self.own.value:z.2f}"
            return f"{own}, which is too little to judge others by."
        done = f"{self.share.value:z.2f} ({self.share.low:z.2f} to {self.share.high:z.2f}) of the job of {rows}"
        if self.other.low <= self.random:
            skills = f"their skill is {self.other.value:z.2f} ({self.other.low:z.2f} to {self.other.high:z.2f})"
            return f"The heads of {head} do {done}; {skills}, and random weights reach {self.random:.2f}."
        if self.share.low >= SHARED:
            return f"The heads of {head} do {done}: half of it or more."
        if self.share.high < SHARED:
            return f"The heads of {head} do {done}: less than half of it."
        return f"The heads of {head} do {done}: whether that is half of it cannot be told from {self.rows} rows."


def swap_heads(first: "TaskDataset", second: "TaskDataset", surrogate: "Surrogate") -> tuple[Swap, Swap]:
    """Let the heads of two datasets answer each other's rows.

    Parameters
    ----------
    first, second : TaskDataset
        Both with labels, and both of single texts or of pairs; some hundred rows each are enough.
    surrogate : Surrogate
        Reads the texts; one that keeps its features reads each once.

    Returns
    -------
    tuple of (Swap, Swap)
        The rows of the first, and those of the second.

    Raises
    ------
    BadInput
        For scores in place of labels, for a label with fewer than ten rows of different texts that the other dataset
        has not, and for single texts beside pairs.
    """
    for dataset in (first, second):
        if dataset.regression:
            raise BadInput(f"{named(dataset.name)} has scores and no labels; give a dataset with labels.")
    if first.pair != second.pair:
        single, pairs = (second, first) if first.pair else (first, second)
        raise BadInput(f"{named(single.name)} has single texts and {named(pairs.name)} pairs; give two that are alike.")
    if first.name == second.name:
        first, second = replace(first, name=f"{first.name} (first)"), replace(second, name=f"{second.name} (second)")
    one, other = _checked(_of_other_texts(first, ())), _checked(_of_other_texts(second, ()))
    return _swap(one, other, surrogate), _swap(other, one, surrogate)


def answers_of_heads(heads: "TaskDataset", rows: "TaskDataset", surrogate: "Surrogate") -> NDArray[np.float64]:
    """Let the heads of one dataset answer the rows of another.

    Parameters
    ----------
    heads, rows : TaskDataset
        Whose heads are fitted, as for its embedding by default; and whose n rows are answered.
    surrogate : Surrogate
        Reads the texts.

    Returns
    -------
    ndarray of float64, shape (n, k)
        Centred answers, one column for each of the k labels of `heads`.
    """
    return task_answers(surrogate, _observations(heads, rows), HEADS.C, HEADS.spelling)


def _of_other_texts(dataset: "TaskDataset", known: Iterable["Text"]) -> "TaskDataset":
    """The rows whose text is neither known nor that of an earlier row, so that nothing is judged on what it learnt."""
    seen, rows = set(map(_plain, known)), []
    for row, text in enumerate(map(_plain, dataset.texts)):
        if text not in seen:
            rows.append(row)
            seen.add(text)
    return replace(dataset, texts=tuple(dataset.texts[row] for row in rows), targets=dataset.targets[rows])


def _plain(text: "Text") -> str:
    """A text or a pair in one writing of blanks and of upper and lower case."""
    return " ".join((text if isinstance(text, str) else "\0".join(text)).split()).casefold()


def _checked(dataset: "TaskDataset", beside: str = "") -> "TaskDataset":
    """Raises BadInput for a label with too few rows."""
    counts = np.bincount(dataset.targets.argmax(1), minlength=len(dataset.labels))
    if counts.min() < LEAST_ROWS:
        label = named(dataset.labels[int(counts.argmin())])
        raise BadInput(
            f"{named(dataset.name)} has {counts.min()} rows of the label {label} with texts of their own{beside}, and "
            f"{LEAST_ROWS} of each label are needed; give a larger dataset, or read more of its rows."
        )
    return dataset


def _swap(rows: "TaskDataset", heads: "TaskDataset", surrogate: "Surrogate") -> Swap:
    truth, half = rows.targets.argmax(1), dealt(rows.targets, groups=HALVES)
    learnt = _checked(_of_other_texts(heads, rows.texts), f" that are not in {named(rows.name)}")
    answers = answers_of_heads(learnt, rows, surrogate)
    own, other = (_right(a, truth, half) for a in (_own_answers(rows, half, surrogate), answers))
    generator = np.random.default_rng(0)
    features = surrogate.features(rows.texts)
    standard = (features - features.mean(0)) / (features.std(0) + 1e-9)
    weights = generator.standard_normal((RANDOM_HEADS, features.shape[1], answers.shape[1]))
    k = len(rows.labels)
    random = [_skills(_right(standard @ weight, truth, half)[None, :], truth, k)[0] for weight in weights]
    drawn = _draws(truth, generator)
    both = [_skills(np.vstack([right, right[drawn]]), np.vstack([truth, truth[drawn]]), k) for right in (own, other)]
    enough = both[0][0] >= LEAST_SKILL and np.quantile(both[0][1:], 0.025) > 0
    share = _measured(np.maximum(both[1], 0.0) / np.maximum(both[0], LEAST_SKILL / 2)) if enough else None
    return Swap(rows.name, heads.name, len(truth), _measured(both[0]), _measured(both[1]), share, float(max(random)),
                len(heads.texts) - len(learnt.texts))  # fmt: skip


def _own_answers(rows: "TaskDataset", half: NDArray[np.intp], surrogate: "Surrogate") -> NDArray[np.float64]:
    """What a dataset's heads answer to its own rows (n, k), each half by heads that were fitted on the other."""
    answers = answers_without(surrogate, _observations(rows, rows), HEADS, half)
    return np.stack(answers)[half, np.arange(len(half))]


def _observations(heads: "TaskDataset", asked: "TaskDataset") -> Observations:
    """Rows that heads are fitted on, and rows in the place of probe texts."""
    return Observations(heads.texts, heads.targets, False, asked.texts, None, 0)


def _right(answers: NDArray[np.floating], truth: NDArray[np.intp], half: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each row's label (n,) is read off the answers (n, k), by a reader of other rows of the same half."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found = np.zeros(len(truth), bool)
    for part in range(HALVES):
        rows = np.flatnonzero(half == part)
        rarest = int(np.unique(truth[rows], return_counts=True)[1].min())
        folds = StratifiedKFold(min(FOLDS, rarest), shuffle=True, random_state=0)
        reader = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=300))
        found[rows] = cross_val_predict(reader, answers[rows], truth[rows], cv=folds) == truth[rows]
    return found


def _draws(truth: NDArray[np.intp], generator: np.random.Generator) -> NDArray[np.intp]:
    """Rows drawn with replacement (draws, n), of each label as many as there are."""
    found = np.tile(np.arange(len(truth)), (DRAWS, 1))
    for label in np.unique(truth):
        at = np.flatnonzero(truth == label)
        found[:, at] = generator.choice(at, (DRAWS, len(at)))
    return found


def _skills(right: NDArray[np.bool_], truth: NDArray[np.intp], k: int) -> NDArray[np.float64]:
    """Balanced accuracy of each draw (d, n) of rows, made into skill (d,)."""
    truth = np.broadcast_to(truth, right.shape)
    recalls = [(right & (truth == label)).sum(1) / (truth == label).sum(1) for label in np.unique(truth)]
    return np.asarray((np.mean(recalls, 0) - 1 / k) / (1 - 1 / k))


def _measured(values: NDArray[np.float64]) -> Measured:
    """Of a figure (d,): the first is of all rows as they are, the others of draws."""
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return Measured(float(values[0]), float(low), float(high))
