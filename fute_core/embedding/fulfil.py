"""How a request is carried out, and under which key and name its embedding is kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from fute_core.arguments import of_kind
from fute_core.embedding import opening
from fute_core.embedding.answering import Progress
from fute_core.embedding.naming import free_name
from fute_core.embedding.opening import Facts
from fute_core.embedding.own_rows import ask_rows, black_box_for, own_rows
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import Recipe, dataset_key, model_key
from fute_core.embedding.requests import EmbedRequest
from fute_core.embedding.row_draws import heads_of, keep_row_draws
from fute_core.models.device import computing_on
from fute_core.models.precision import multiplying_in
from fute_core.predictors import Predictor
from fute_core.scratch import ScratchFolder
from fute_core.tasks import TaskDataset
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store


@dataclass(frozen=True)
class Opened:
    """A dataset that is read, or a black box that is made but not loaded, with the key of its vector.

    Parameters
    ----------
    item : TaskDataset or Predictor
        What is embedded.
    recipe : Recipe
        How the vector is made.
    key : str
        Its store key, see `recipe.dataset_key` and `recipe.model_key`.
    wanted : str
        The name it should have.
    facts : Facts, optional
        What is known of a black box before it is asked.
    shipped : bool, default False
        It is a dataset that ships, so that its name is its own whichever rows are taken.
    settle : float, optional
        At which confidence the verdict on a black box is settled, so that no more is asked; `key` is that of all texts.
    device : str, optional
        Where models compute, see `models.device.CHOICES`; by default where the caller chose.
    precision : str, optional
        What language models multiply in, see `models.precision.CHOICES`; by default what the caller chose.
    row_draws : bool, default False
        Of a dataset, keep what intervals over its rows need as well, see `row_draws.keep_row_draws`.
    """

    item: TaskDataset | Predictor
    recipe: Recipe
    key: str
    wanted: str
    facts: Facts | None = None
    shipped: bool = False
    settle: float | None = None
    device: str | None = None
    precision: str | None = None
    row_draws: bool = False

    @cached_property
    def name(self) -> str:
        """The name it gets, see `free_name`."""
        if isinstance(self.item, TaskDataset):
            pair = self.item.pair
            return self.wanted if self.shipped else free_name(self.wanted, "dataset", self.key, self.recipe, pair)
        assert self.facts is not None, "a black box comes with its facts"
        return free_name(self.wanted, self.facts["kind"], self.key, self.recipe, self.facts["pair"])

    def embed(
        self,
        store: "Store | None" = None,
        progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> TaskEmbedding:
        """Take the vector from the store, or make it.

        Parameters
        ----------
        store : Store, optional
            Where the vector and the answers are looked up and kept; None keeps nothing.
        progress : callable, optional
            Called with (done, in all), in rows of a dataset or probe texts.
        should_stop : callable, optional
            Asked now and then; on true the work ends.

        Returns
        -------
        TaskEmbedding
            Under its name.

        Raises
        ------
        BadInput, Unavailable, Cancelled
            As `embed_request`.
        """
        with computing_on(self.device), multiplying_in(self.precision):
            if isinstance(self.item, TaskDataset):
                item = replace(self.item, name=self.name)
                if self.row_draws:
                    heads_of(self.recipe)  # a method that has none is told before anything is read
                made = embed_dataset(item, self.recipe, store, key=self.key, progress=progress, should_stop=should_stop)
                if self.row_draws and store is not None:
                    keep_row_draws(item, self.recipe, self.key, store)
                return made
            assert self.facts is not None, "a black box comes with its facts"
            if self.settle is not None:
                return self._settled(store, progress, should_stop)
            return embed_model(
                self.item, self.recipe, store,
                name=self.name, key=self.key, progress=progress, should_stop=should_stop, **self.facts,
            )  # fmt: skip

    def _settled(
        self, store: "Store | None", progress: Progress | None, should_stop: Callable[[], bool] | None
    ) -> TaskEmbedding:
        """The vector of all texts where the store has it, else that of so many as settle the verdict."""
        from fute_core.embedding.settled import texts_until_settled

        assert self.facts is not None
        assert self.settle is not None
        assert not isinstance(self.item, TaskDataset)
        with _kept_in(store) as kept:
            if kept.has_embedding(self.key):
                return replace(self, settle=None).embed(kept, progress, should_stop)
            n = texts_until_settled(self.item, self.recipe, kept, self.facts, self.settle, progress, should_stop)
            some = opened_model(self.item, replace(self.recipe, n_probes=n), self.wanted, self.facts)
            return some.embed(kept, progress, should_stop)


@contextmanager
def _kept_in(store: "Store | None") -> "Iterator[Store]":
    """The caller's store, or one for this item alone: answers are asked in parts, and none of them twice."""
    from fute_core.store.store import Store

    if store is not None:
        yield store
        return
    with ScratchFolder() as folder:
        yield Store(folder)


def opened_dataset(dataset: TaskDataset, recipe: Recipe, shipped: bool = False) -> Opened:
    """Find the key of a dataset that is read.

    Parameters
    ----------
    dataset : TaskDataset
        All its rows are used.
    recipe : Recipe
        How the vector is made.
    shipped : bool, default False
        It is one that ships.

    Returns
    -------
    Opened
        Ready to embed.
    """
    return Opened(dataset, recipe, dataset_key(dataset, recipe), dataset.name, None, shipped)


def opened_model(predictor: Predictor, recipe: Recipe, name: str, facts: Facts) -> Opened:
    """Find the key of a black box.

    Parameters
    ----------
    predictor : Predictor
        The black box, which is not asked.
    recipe : Recipe
        How the vector is made.
    name : str
        The name it should have.
    facts : Facts
        What is known of it.

    Returns
    -------
    Opened
        Ready to embed.
    """
    key = model_key(predictor, recipe, pair=facts["pair"], calibrate=facts["calibrate"])
    return Opened(predictor, recipe, key, name, facts)


def open_request(request: EmbedRequest) -> Opened:
    """Read the dataset or make the black box that a request names; no model is loaded and nothing computed.

    Parameters
    ----------
    request : EmbedRequest
        What to embed.

    Returns
    -------
    Opened
        With the key, so that the store can be looked into before anything is embedded.

    Raises
    ------
    BadInput, Unavailable
        For what cannot be read or is not installed.
    """
    from fute_core.datasets.catalog import shipped_datasets

    device, precision = (request.options.get(name) for name in ("device", "precision"))
    with opening.as_asked(request):
        if request.kind == "dataset":
            dataset = opening.dataset_of(request)
            shipped = dataset.name == request.ref and request.ref in shipped_datasets()
            opened, row_draws = opened_dataset(dataset, request.recipe, shipped), bool(request.options.get("row_draws"))
            return replace(opened, device=device, precision=precision, row_draws=row_draws)
        predictor, facts = opening.predictor_of(request)
        opened = opened_model(predictor, request.recipe, request.label, facts)
        return replace(opened, settle=request.options.get("settle"), device=device, precision=precision)


def request_key(request: EmbedRequest) -> str | None:
    """Give the store key of what a request makes.

    Parameters
    ----------
    request : EmbedRequest
        A dataset of it is read.

    Returns
    -------
    str or None
        See `open_request`; None where only asking tells how many probe texts settle the verdict, and where other texts
        are asked as well, which the vector does not tell.

    Raises
    ------
    BadInput, Unavailable
        For what cannot be read or is not installed.
    """
    opened = open_request(request)
    return opened.key if opened.settle is None and "own_rows" not in request.options else None


def embed_request(
    request: EmbedRequest,
    store: "Store | None" = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TaskEmbedding:
    """Carry a request out; something else under a shipped name is called "name (yours)".

    Parameters
    ----------
    request : EmbedRequest
        What to embed.
    store : Store, optional
        Where the vector and the answers are looked up and kept; None keeps nothing.
    progress : callable, optional
        Called with (done, in all), in rows of a dataset or probe texts.
    should_stop : callable, optional
        Asked now and then; on true the work ends.

    Returns
    -------
    TaskEmbedding
        From the store, or made now.

    Raises
    ------
    BadInput, Unavailable
        For what cannot be used, and for what is not installed or not reached.
    Cancelled
        Where `should_stop` said so.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.embed_request(fute.EmbedRequest("dataset", "sst2", method="text", limit=20)).provenance.n_texts
    20
    """
    of_kind("a fute.EmbedRequest", EmbedRequest, request=request)
    opened = open_request(request)
    if (rows := own_rows(request)) is not None:
        with computing_on(opened.device), multiplying_in(opened.precision):
            ask_rows(black_box_for(request, rows), rows, store, progress=progress, should_stop=should_stop)
    return opened.embed(store, progress, should_stop)
