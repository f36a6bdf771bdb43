"""Models that find the answer to a question in a passage (extractive question answering), asked about pairs of texts.

What such a model says of a pair is how strongly it finds an answer to the first text in the second: the score of the
best span against that of no answer (Devlin et al. 2019, on SQuAD 2.0), as two labels. They have the names that a
dataset in the form of SQuAD has here, see `datasets.answer_pairs`.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.answer_pairs import HOLDS, LACKS
from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.models.adapters import base_folder
from fute_core.models.claimed import check_defaults
from fute_core.models.device import chosen_device
from fute_core.models.files import checked_folder, reading_model
from fute_core.models.kinds import check_spans
from fute_core.models.room import put_model
from fute_core.models.spelling import open_tokenizer
from fute_core.models.tokenizer import read_config, text_columns
from fute_core.models.weights import read_weights
from fute_core.predictors.classifier import MAX_LENGTH, ClassifierPredictor
from fute_core.predictors.scoring import softmax
from fute_core.tasks import Text

FORMAT = 1
LONGEST_ANSWER = 30
"""Tokens of a span at most, as in the scripts that such models are usually evaluated by."""
TEMPERATURE = 4.0
"""What scores are divided by. A model that never learnt of questions without an answer gives all spans far more than
none, and probabilities that near to 1 would be alike; by the scale alone no vector changes."""
IN_SECOND, NO_ANSWER = "in_second", "no_answer"
"""What is known of the tokens of a pair beside what the model reads: which are of the second text, and which is scored
for no answer."""


class SpanPredictor(ClassifierPredictor):
    """A model of `transformers` that gives start and end of an answer, as a black box over pairs of texts.

    Parameters
    ----------
    ref : str
        A folder or a Hub id.
    max_length : int, default 512
        Tokens of a pair; fewer where the model reads fewer. The longer side is cut first.

    Raises
    ------
    BadInput
        For a model that marks no spans, and for one whose last layer was never trained.
    Unavailable
        For a Hub id that cannot be fetched.
    """

    def __init__(self, ref: str, *, max_length: int = MAX_LENGTH):
        self.ref = ref
        self.max_length = max_length
        self._folder = checked_folder(ref, {})
        check_spans(self._folder, ref)
        check_defaults(base_folder(self._folder))

    def fingerprint(self) -> str:
        """Digest of weights, config, tokenizer and `max_length`.

        Returns
        -------
        str
            Known without torch.
        """
        return digest(("question answering", FORMAT, self._digest, self.max_length))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the two answers.

        Returns
        -------
        tuple of str
            Those of a dataset in the form of SQuAD.
        """
        return (LACKS, HOLDS)

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Ask how strongly an answer to the first text of each pair is found in the second.

        Parameters
        ----------
        texts : sequence of (str, str)
            Questions, or what stands in their place, and passages.

        Returns
        -------
        ndarray of float32, shape (n, 2)
            Rows that sum to 1.

        Raises
        ------
        BadInput
            For single texts.
        """
        if any(isinstance(text, str) for text in texts):
            raise BadInput(
                f"{self.ref} finds answers to a question in a second text, so it is placed among text pairs alone; "
                "choose those (--pairs)."
            )
        return super().predict_proba(texts)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        return _load(str(self._folder), self.ref, self._digest, chosen_device())

    @cached_property
    def _config(self) -> Any:
        return _read_config(self._folder, self.ref)

    def _encode(self, tokenizer: Any, texts: Sequence[Text]) -> dict[str, list[Any]]:
        read = tokenizer(*text_columns(texts), truncation=True, max_length=self._longest)
        if not read.is_fast:
            raise BadInput(
                f"{self.ref} has a tokenizer that does not tell which text of a pair a token is of; add its "
                "tokenizer.json."
            )
        sides = [[side == 1 for side in read.sequence_ids(i)] for i in range(len(texts))]
        first = [ids.index(tokenizer.cls_token_id) if tokenizer.cls_token_id in ids else 0 for ids in read["input_ids"]]
        return {**read, IN_SECOND: sides, NO_ANSWER: first}

    def _numbers(self, model: Any, batch: dict[str, Any]) -> NDArray[np.float32]:
        inside, none = (batch.pop(name).cpu().numpy() for name in (IN_SECOND, NO_ANSWER))
        said = model(**batch)
        start, end = (scores.float().cpu().numpy() for scores in (said.start_logits, said.end_logits))
        rows = np.arange(len(none))
        return np.stack([start[rows, none] + end[rows, none], best_spans(start, end, inside)], 1)

    def _answers(self, logits: NDArray[np.floating]) -> NDArray[np.float32]:
        return softmax(logits / TEMPERATURE)


def best_spans(
    start: NDArray[np.float32], end: NDArray[np.float32], inside: NDArray[np.bool_], longest: int = LONGEST_ANSWER
) -> NDArray[np.float32]:
    """Score the best span of each text.

    Parameters
    ----------
    start, end : ndarray of float32, shape (n, t)
        Scores of each token as the first and as the last of a span.
    inside : ndarray of bool, shape (n, t)
        Which tokens may be in one.
    longest : int, default 30
        Tokens of a span at most.

    Returns
    -------
    ndarray of float32, shape (n,)
        The largest sum of start and end; the lowest number there is where no token may be in one.
    """
    lowest = np.finfo(np.float32).min / 4  # so that two of them can be added
    start, end = (np.where(inside, scores, lowest) for scores in (start, end))
    width = start.shape[1]
    of_length = [(start[:, : width - k] + end[:, k:]).max(1) for k in range(min(longest, width))]
    return np.asarray(np.max(of_length, 0), np.float32)


def _read_config(folder: Path, ref: str) -> Any:
    from transformers import AutoModelForQuestionAnswering

    config = read_config(folder, ref)
    if type(config) not in AutoModelForQuestionAnswering._model_mapping:
        raise BadInput(f"{ref} is a {config.model_type} model, which marks no answers in a text; use one that does.")
    return config


@lru_cache(maxsize=2)
def _load(folder: str, ref: str, _digest: str, device: str) -> tuple[Any, Any]:
    """Model on its device and tokenizer, kept for as long as the folder holds the weights of that digest."""
    from transformers import AutoModelForQuestionAnswering

    config = _read_config(Path(folder), ref)
    with reading_model(ref):
        model, missing = read_weights(AutoModelForQuestionAnswering, Path(folder), ref, device=device, config=config)
        tokenizer = open_tokenizer(Path(folder))
    if missing:
        raise BadInput(
            f"{ref} has no trained weights for {missing[0]}, so its answers would be random; fine-tune it on questions "
            "with spans first."
        )
    return put_model(model, device, ref), tokenizer
