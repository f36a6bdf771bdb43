"""Asking black boxes the texts of a dataset's own rows, beside the probe texts that vectors are made from.

No vector and no key changes by it: the answers lie in the store under the texts, as those to probe texts do.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.answering import Progress, collect_answers
from fute_core.embedding.opening import dataset_of, predictor_of
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.tasks import TaskDataset

if TYPE_CHECKING:
    from fute_core.predictors import Predictor
    from fute_core.store.store import Store

OWN_ROWS = 100
"""Rows that are asked where nobody says how many."""


def rows_of(request: EmbedRequest, n: int = OWN_ROWS) -> TaskDataset:
    """Read the rows of a dataset that are asked: the same ones each time, so that answers are found again.

    Parameters
    ----------
    request : EmbedRequest
        Of the dataset.
    n : int, default `OWN_ROWS`
        How many at most.

    Returns
    -------
    TaskDataset
        The rows.

    Raises
    ------
    BadInput
        For what cannot be read any more, and for too few rows for its labels.
    """
    return dataset_of(replace(request, limit=n))


def with_own_rows(request: EmbedRequest, dataset: EmbedRequest, n: int = OWN_ROWS) -> EmbedRequest:
    """Have a request ask a dataset's rows as well.

    Parameters
    ----------
    request : EmbedRequest
        Of a black box.
    dataset : EmbedRequest
        Of the dataset.
    n : int, default `OWN_ROWS`
        Rows.

    Returns
    -------
    EmbedRequest
        Asks the rows first, and then makes the same vector as before.
    """
    named = {"ref": dataset.ref, "rows": n, "options": dict(dataset.options)}
    return replace(request, options={**request.options, "own_rows": named})


def own_rows(request: EmbedRequest) -> TaskDataset | None:
    """Read the rows that a request asks beside the probe texts.

    Parameters
    ----------
    request : EmbedRequest
        Of a black box.

    Returns
    -------
    TaskDataset or None
        None where it asks none.

    Raises
    ------
    BadInput
        As `rows_of`.
    """
    named = request.options.get("own_rows")
    if not named:
        return None
    return rows_of(EmbedRequest("dataset", named["ref"], options=named["options"]), named["rows"])


def ask_rows(
    predictor: "Predictor",
    dataset: TaskDataset,
    store: "Store | None" = None,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> NDArray[Any]:
    """Ask a black box all texts of a dataset, as far as the store has no answers; see `answering.collect_answers`.

    Parameters
    ----------
    predictor : Predictor
        The black box.
    dataset : TaskDataset
        With n texts.
    store : Store, optional
        Where answers are looked up and kept.
    progress, should_stop : callable, optional
        As for `answering.collect_answers`.

    Returns
    -------
    ndarray of float32, shape (n, s)
        Raw answers.

    Raises
    ------
    Cancelled
        Where `should_stop` said so.
    """
    n = len(dataset.texts)
    texts = ProbeSet("own", tuple(map(str, range(n))), dataset.texts, dataset.pair, (dataset.name,) * n)
    return collect_answers(predictor, texts, store, progress=progress, should_stop=should_stop)


def black_box_for(request: EmbedRequest, dataset: TaskDataset) -> "Predictor":
    """Make the black box of a request that is to answer a dataset's texts.

    Parameters
    ----------
    request : EmbedRequest
        Of the black box.
    dataset : TaskDataset
        Whose texts it will read.

    Returns
    -------
    Predictor
        Not loaded yet.

    Raises
    ------
    BadInput
        Where one reads pairs and the other has single texts.
    """
    predictor, facts = predictor_of(request)
    if facts["pair"] != dataset.pair:
        reads, has = ("pairs of texts", "single texts")[:: 1 if facts["pair"] else -1]
        raise BadInput(f"Prompt {request.label!r} reads {reads}, and {dataset.name!r} has {has}; leave it out.")
    return predictor
