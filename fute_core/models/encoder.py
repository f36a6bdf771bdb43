"""The fixed encoder that reads every dataset and every model: tokens, pooled features, access to layers."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fute_core.models.batch import Batch, alike, lengths_of, padded
from fute_core.models.known_features import KnownFeatures
from fute_core.models.memory import read_fitting
from fute_core.models.place import put, where
from fute_core.models.pooling import PLAIN, Pooling
from fute_core.models.tokenizer import text_columns
from fute_core.models.tokens_read import note_tokens
from fute_core.tasks import Text

if TYPE_CHECKING:
    import torch

    from fute_core.store.store import Store

Result = TypeVar("Result")
MAX_LENGTH = 128
TOKENS_PER_BATCH = 1024


class Surrogate:
    """A frozen Hugging Face encoder in eval mode, float32.

    Parameters
    ----------
    ref : str
        What it is called; kept as `id`.
    digest : str
        Digest of its weights and tokenizer files; part of every store key.
    model : transformers.PreTrainedModel
        The encoder; of T5-like models only the encoder half.
    tokenizer : transformers.PreTrainedTokenizerBase
        The tokenizer that belongs to it.
    max_length : int, default 128
        Tokens read of a text or pair; the rest is cut off.
    pooling : Pooling, default PLAIN
        Which hidden states make a vector, and what stands before every text.

    Attributes
    ----------
    family, hidden_size : str, int
        The `model_type` of its config, and the numbers in a hidden state.
    """

    def __init__(
        self, ref: str, digest: str, model: Any, tokenizer: Any, max_length: int = MAX_LENGTH,
        pooling: Pooling = PLAIN,
    ):  # fmt: skip
        self.id = ref
        self.digest = digest
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.pooling = pooling
        self.family = model.config.model_type
        self.hidden_size = model.config.hidden_size
        self._known = KnownFeatures()

    @property
    def device(self) -> "torch.device":
        """Where the encoder computes."""
        return where(self.model)

    def keeping_in(self, store: "Store | None") -> "Surrogate":
        """Give the same encoder, with its pooled features kept.

        Every item of a space reads the same probe texts, and a method may read them twice, so their features are
        computed once.

        Parameters
        ----------
        store : Store or None
            Where to keep them; None keeps them in memory, for as long as what is returned is there.

        Returns
        -------
        Surrogate
            Shares the weights with this one, which stays as it is.
        """
        keeping = copy.copy(self)
        keeping._known = replace(self._known, store=store, kept={})
        return keeping

    def given(self, texts: Sequence[Text], features: NDArray[np.float32]) -> "Surrogate":
        """Give the same encoder, with the pooled features of some texts known.

        Parameters
        ----------
        texts : sequence of n texts
            What need not be read: these, or as many of the first as are asked for.
        features : ndarray of float32, shape (n, hidden)
            What it gives for them.

        Returns
        -------
        Surrogate
            Shares the weights with this one, which stays as it is.
        """
        knowing = copy.copy(self)
        knowing._known = replace(self._known, given=(texts, features))
        return knowing

    def encoded(self, texts: Sequence[Text], max_length: int | None = None) -> dict[str, list[list[int]]]:
        """Turn texts or pairs into what the encoder takes, for `batches_of`.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What to read, one or more; of a pair the longer side is cut first.
        max_length : int, optional
            Tokens to keep, by default those of the encoder.

        Returns
        -------
        dict of str to list of list of int
            Token ids, mask and, where the encoder knows them, kinds of each text's tokens, not padded.
        """
        longest = max_length or self.max_length
        return dict(self.tokenizer(*self._columns(texts), truncation=True, max_length=longest))

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """Count the texts that are longer than the encoder reads.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What to count.

        Returns
        -------
        int
            How many have more than `max_length` tokens.
        """
        if not texts:
            return 0
        full = self.tokenizer(*self._columns(texts), verbose=False)["input_ids"]
        return sum(len(ids) > self.max_length for ids in full)

    def batches(self, texts: Sequence[Text], tokens_per_batch: int = TOKENS_PER_BATCH) -> Iterator[Batch]:
        """Put texts of similar length together, so that little is padded.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What to read.
        tokens_per_batch : int, default 1024
            Tokens of a batch with padding; a longer text is a batch by itself.

        Yields
        ------
        Batch
            Every text is in exactly one, where the encoder is.
        """
        if texts:
            yield from self.batches_of(self.encoded(texts), np.arange(len(texts)), tokens_per_batch)

    def batches_of(
        self, encoded: dict[str, list[list[int]]], rows: NDArray[np.intp], tokens_per_batch: int
    ) -> Iterator[Batch]:
        """Put some of the texts that were encoded together, those of similar length.

        Parameters
        ----------
        encoded : dict of str to list of list of int
            As `encoded` gives them.
        rows : ndarray of int
            Which texts.
        tokens_per_batch : int
            As in `batches`.

        Yields
        ------
        Batch
            Its index counts among all texts.
        """
        for index in alike(lengths_of(encoded)[rows], tokens_per_batch):
            yield self._batch(encoded, rows[index])

    def passes(
        self, texts: Sequence[Text], work: Callable[[Batch], Result], *, backward: bool = False
    ) -> Iterator[tuple[NDArray[np.intp], Result]]:
        """Do something with all texts, in batches that fit into the memory of the device.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What to read.
        work : callable
            Given a batch; called again with a part of it where the whole did not fit.
        backward : bool, default False
            Whether it differentiates.

        Yields
        ------
        tuple of (ndarray of int, object)
            Which texts a batch held, and what `work` gave; every text is in exactly one.

        Raises
        ------
        Unavailable
            Where a single text does not fit.
        """
        if not texts:
            return
        encoded = self.encoded(texts)
        lengths = lengths_of(encoded)

        def split(left: NDArray[np.intp], most: int) -> Iterator[NDArray[np.intp]]:
            return (left[rows] for rows in alike(lengths[left], most))

        yield from read_fitting(
            self.model, len(texts), split, lambda index: work(self._batch(encoded, index)), TOKENS_PER_BATCH, backward
        )

    def hidden(self, batch: Batch) -> "torch.Tensor":
        """Run the encoder.

        Parameters
        ----------
        batch : Batch
            Tokenised texts.

        Returns
        -------
        Tensor of float32, shape (b, t, hidden)
            Last hidden states.
        """
        hidden: torch.Tensor = self.model(**batch.inputs).last_hidden_state
        return hidden

    def pool(self, hidden: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        """Average hidden states over the real tokens, the pooling of TextEmb, or take one token's.

        Parameters
        ----------
        hidden : Tensor of float32, shape (b, t, hidden)
            Hidden states.
        mask : Tensor of float32, shape (b, t)
            1 at real tokens.

        Returns
        -------
        Tensor of float32, shape (b, hidden)
            One vector for each text.

        References
        ----------
        Vu et al. (2020), Exploring and Predicting Transferability across NLP Tasks, section 4.
        """
        return self.pooling.pooled(hidden, mask)

    def features(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Compute pooled features, or take those that are kept (`keeping_in`).

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What to read.

        Returns
        -------
        ndarray of float32, shape (n, hidden)
            One row for each text.
        """
        return self._known.find(texts, (self.digest, self.max_length), self._features)

    def _features(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        import torch

        def read(batch: Batch) -> NDArray[np.float32]:
            pooled: NDArray[np.float32] = self.pool(self.hidden(batch), batch.mask).cpu().numpy()
            return pooled

        out = np.zeros((len(texts), self.hidden_size), np.float32)
        with torch.inference_mode():
            for index, pooled in self.passes(texts, read):
                out[index] = pooled
        return out

    def _batch(self, encoded: dict[str, list[list[int]]], index: NDArray[np.intp]) -> Batch:
        import torch

        note_tokens(sum(len(encoded["input_ids"][i]) for i in index))
        placed = put(padded(encoded, index, self.tokenizer), self.device)
        return Batch(index, placed, placed["attention_mask"].to(torch.float32))

    def _columns(self, texts: Sequence[Text]) -> list[list[str]]:
        columns = text_columns(texts)
        return [[self.pooling.prefix + text for text in columns[0]], *columns[1:]] if self.pooling.prefix else columns
