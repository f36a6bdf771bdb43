"""Black boxes as the paper has them: a language model fine-tuned on a dataset, and then only asked.

An encoder learns end to end; a decoder learns low-rank adapters on the query and value of every layer, and is read at
its last token. The head starts as the logistic regression of its rows ("linear probing, then fine-tuning", Kumar et al.
2022), since a head drawn at random would cost most of the few steps that some hundred rows give. Neither dropout nor
anything else is drawn but the order of the rows, so the same seed and threads give the same model.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.models.language import model_identity, read_language_model
from fute_core.models.pooling import Pooling
from fute_core.models.surrogate import load_surrogate, surrogate_identity
from fute_core.predictors.scoring import softmax
from fute_core.tasks import TaskDataset, Text

if TYPE_CHECKING:
    import torch

    from fute_core.methods.heads import Head
    from fute_core.methods.training import Encode
    from fute_core.models.batch import Batch
    from fute_core.models.encoder import Surrogate

    Fit = Callable[[Sequence[torch.Tensor], Encode], Head]

FORMAT = 1
WARMUP = 0.1


@dataclass(frozen=True)
class FineTuning:
    """How a language model is fine-tuned.

    Parameters
    ----------
    model : str
        Packaged name, folder or Hub id of an encoder; of a decoder where `rank` is given.
    learning_rate : float
        Of AdamW at most; it rises in the first tenth of the steps and falls to zero.
    epochs : int
        Passes over the rows.
    batch_size : int, default 16
        Rows a step.
    rank : int, default 0
        Of a decoder's adapters; 0 tunes all weights of an encoder.
    seed : int, default 0
        Orders the rows.
    """

    model: str
    learning_rate: float
    epochs: int
    batch_size: int = 16
    rank: int = 0
    seed: int = 0

    def identity(self) -> str:
        """Tell the model that is tuned from others, without loading it.

        Returns
        -------
        str
            Digest of its weights and tokenizer.
        """
        return (model_identity if self.rank else surrogate_identity)(self.model)[1]


class FineTuned:
    """A language model fine-tuned on a dataset; it is trained when it is first asked.

    Parameters
    ----------
    rows : TaskDataset
        Labelled texts, with rows of two labels at least.
    tuning : FineTuning
        How it is trained.

    Raises
    ------
    BadInput
        The dataset has scores in place of labels, or rows of one label only.
    """

    def __init__(self, rows: TaskDataset, tuning: FineTuning):
        if rows.regression:
            raise BadInput(f"Dataset {rows.name!r} has scores; a black box is trained on labels.")
        if len(np.unique(rows.targets.argmax(1))) < 2:
            raise BadInput(f"Dataset {rows.name!r} has one label only; a black box needs at least two.")
        self.labels = rows.labels
        self._rows = rows
        self._tuning = tuning

    def fingerprint(self) -> str:
        """Tell this model from others, without training it.

        Returns
        -------
        str
            Digest of the model that is tuned, how, and on which rows.
        """
        settings = {key: value for key, value in asdict(self._tuning).items() if key != "model"}
        return digest(("fine-tuned", FORMAT, self._tuning.identity(), settings, self._rows.fingerprint()))

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Answer texts.

        Parameters
        ----------
        texts : sequence of n texts
            What is answered.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Label distributions.
        """
        if not len(texts):
            return np.zeros((0, len(self.labels)), np.float32)
        reader, head = self._trained
        return softmax(head.logits(reader.features(list(texts))))

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """Count the texts that are longer than is read of one.

        Parameters
        ----------
        texts : sequence of n texts
            What would be answered.

        Returns
        -------
        int
            How many are cut.
        """
        return _opened(self._tuning).count_truncated(texts)

    @cached_property
    def _trained(self) -> "tuple[Surrogate, Head]":
        import torch

        from fute_core.methods import Observations
        from fute_core.methods.training import Schedule, train

        tuning, base = self._tuning, _opened(self._tuning)
        schedule = Schedule(tuning.learning_rate, tuning.epochs, tuning.batch_size, patience=0, warmup=WARMUP)
        rows = Observations(self._rows.texts, self._rows.targets, seed=tuning.seed)

        def fit(tuned: Sequence[torch.Tensor], encode: "Encode") -> "Head":
            return train(base, rows, encode, tuned, schedule)[1]

        reader = copy.copy(base)
        if tuning.rank:
            reader.model, head = _with_adapters(base, tuning.rank, fit)
        else:
            reader.model, head = _whole(base, self._rows.texts, fit)
        return reader, head


@lru_cache(maxsize=1)
def _opened(tuning: FineTuning) -> "Surrogate":
    """The model that is tuned, as it is read."""
    if not tuning.rank:
        return load_surrogate(tuning.model)
    from fute_core.models.encoder import Surrogate

    lm = read_language_model(tuning.model, "float32")
    body = lm.model.get_decoder()
    body.config.use_cache = False
    return Surrogate(lm.id, lm.digest, body, lm.tokenizer, pooling=Pooling("last"))


def _whole(base: "Surrogate", texts: Sequence[Text], fit: "Fit") -> "tuple[Any, Head]":
    """A copy of the encoder of which all weights were tuned, and its head."""
    model = copy.deepcopy(base.model).requires_grad_(True)
    with _words_of(model, base, texts) as places:

        def encode(batch: "Batch", _training: bool) -> "torch.Tensor":
            given = {**batch.inputs, "input_ids": places[batch.inputs["input_ids"]]}
            states: torch.Tensor = model(**given).last_hidden_state
            return states

        head = fit(list(model.parameters()), encode)
    return model.requires_grad_(False), head


@contextmanager
def _words_of(model: Any, base: "Surrogate", texts: Sequence[Text]) -> "Iterator[torch.Tensor]":
    """Within it the model knows only the words of some texts, by the places given here, int (vocabulary,).

    All others have no gradient there, and their table is larger than the rest of a small encoder.
    """
    import torch

    words = model.get_input_embeddings()
    ids = {token for row in base.encoded(texts)["input_ids"] for token in row} | {base.tokenizer.pad_token_id}
    used = torch.tensor(sorted(ids), device=words.weight.device)
    places = torch.zeros(len(words.weight), dtype=torch.long, device=used.device)
    places[used] = torch.arange(len(used), device=used.device)
    few = torch.nn.Embedding(len(used), words.embedding_dim, _weight=words.weight.detach()[used])
    model.set_input_embeddings(few)
    yield places
    with torch.no_grad():
        words.weight[used] = few.weight
    model.set_input_embeddings(words)


def _with_adapters(base: "Surrogate", rank: int, fit: "Fit") -> "tuple[Any, Head]":
    """The decoder with tuned adapters beside its own weights, and its head."""
    from fute_core.methods.lora import Lora

    model, tuned = Lora(rank=rank, alpha=2.0 * rank).adapted(base)

    def encode(batch: "Batch", _training: bool) -> "torch.Tensor":
        states: torch.Tensor = model(**batch.inputs).last_hidden_state
        return states

    head = fit(list(tuned.values()), encode)
    return model.requires_grad_(False), head
