"""Any sequence classifier of `transformers` as a black box, by folder or Hub id."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.models.adapters import base_folder, count_outputs, is_adapter
from fute_core.models.claimed import check_defaults
from fute_core.models.device import chosen_device
from fute_core.models.files import checked_folder, reading_model, reason
from fute_core.models.identity import weights_digest
from fute_core.models.kinds import check_classifier
from fute_core.models.memory import read_fitting
from fute_core.models.packaged_encoders import CROSS_ENCODERS
from fute_core.models.place import where
from fute_core.models.room import is_out_of_memory, put_model
from fute_core.models.spelling import open_tokenizer
from fute_core.models.tokenizer import longest_input, raw_config, read_config, text_columns
from fute_core.models.tokens_read import note_tokens
from fute_core.models.weights import read_weights
from fute_core.predictors.label_names import label_names, of_adapter
from fute_core.predictors.probabilities import normalised
from fute_core.predictors.scoring import softmax
from fute_core.tasks import Text

FORMAT = 2
MAX_LENGTH = 512
TOKENS_PER_BATCH = 4096
OTHER_HEADS = ("ForTokenClassification", "ForQuestionAnswering", "ForMultipleChoice")
"""What a model may have been trained as instead; some of these heads have the names of weights of a classifier's."""


class ClassifierPredictor:
    """A sequence classifier of `transformers` as a black box.

    Only safetensors weights are read, and no code of the model's is run. A model that says yes or no to each label by
    itself (multi-label) is read as a distribution: each label's probability over the sum of all.

    Parameters
    ----------
    ref : str
        A packaged name, a folder or a Hub id.
    max_length : int, default 512
        Tokens of a text or pair; fewer where the model reads fewer. A pair's longer side is cut first.

    Raises
    ------
    BadInput
        For a model that is no sequence classifier, whose classifying layer was never trained, or whose config says two
        things of its labels.
    Unavailable
        For a Hub id that cannot be fetched.
    """

    def __init__(self, ref: str, *, max_length: int = MAX_LENGTH):
        self.ref = ref
        self.max_length = max_length
        self._folder = checked_folder(ref, CROSS_ENCODERS)
        if ref not in CROSS_ENCODERS:
            check_classifier(self._folder, ref)
            _check_heads(raw_config(self._folder, ref), ref)
            check_defaults(base_folder(self._folder))

    def fingerprint(self) -> str:
        """Digest of weights, config, tokenizer and `max_length`.

        Returns
        -------
        str
            Known without torch.
        """
        return digest(("classifier", FORMAT, self._digest, self.max_length))

    @cached_property
    def _digest(self) -> str:
        """Taken once: a predictor stays what it was, whatever is saved in its folder later."""
        return weights_digest(self._folder)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        return _load(str(self._folder), self.ref, self._digest, chosen_device())

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the outputs in their order, from the model's config.

        Returns
        -------
        tuple of str
            Empty for a model with a single output (regression).
        """
        config = self._config
        return () if config.num_labels == 1 else tuple(config.id2label.values())

    @cached_property
    def _config(self) -> Any:
        return _read_config(self._folder, self.ref)

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Run the classifier.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What to ask.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1, or (n, 1) scores.
        """
        out = np.zeros((len(texts), max(1, len(self.labels))), np.float32)
        if not len(texts):
            return out
        import torch  # once its config is known to be a classifier's: most of a process's memory comes with it

        model, tokenizer = self._loaded
        encoded = self._encode(tokenizer, texts)
        lengths = np.array([len(ids) for ids in encoded["input_ids"]])

        def read(rows: NDArray[np.intp]) -> NDArray[np.float32]:
            note_tokens(lengths[rows].sum())
            batch = {k: torch.tensor([v[i] for i in rows], device=where(model)) for k, v in encoded.items()}
            return self._answers(self._logits(model, batch))

        def split(left: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
            return [left[rows] for rows in _batches(lengths[left], most)]

        with torch.inference_mode():
            for rows, answers in read_fitting(model, len(texts), split, read, TOKENS_PER_BATCH):
                out[rows] = answers
        return out

    def _logits(self, model: Any, batch: dict[str, Any]) -> NDArray[np.float32]:
        try:
            logits = self._numbers(model, batch)
        except Exception as error:  # architectures fail in ways of their own, such as for a language never chosen
            if is_out_of_memory(error):
                raise
            raise BadInput(
                f"{self.ref} fails on a text ({reason(error)}); see whether it runs in transformers alone."
            ) from error
        if logits.shape[1:] != (max(1, len(self.labels)),):
            raise BadInput(
                f"{self.ref} gives {logits.shape[1:]} numbers a text, and not one a label; use a classifier."
            )
        return logits

    def _numbers(self, model: Any, batch: dict[str, Any]) -> NDArray[np.float32]:
        numbers: NDArray[np.float32] = model(**batch).logits.float().cpu().numpy()
        return numbers

    def _encode(self, tokenizer: Any, texts: Sequence[Text]) -> dict[str, list[Any]]:
        return dict(tokenizer(*text_columns(texts), truncation=True, max_length=self._longest))

    @property
    def _longest(self) -> int:
        """Tokens that are read of a text or pair."""
        # RoBERTa's positions begin after the padding token's number.
        reserved = 2 if self._config.model_type in ("roberta", "camembert", "xlm-roberta", "mpnet") else 0
        return min(self.max_length, longest_input(self._config) - reserved)

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """Count the texts or pairs that are longer than the model reads, without its weights.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        int
            How many are cut.
        """
        if not len(texts):
            return 0
        with reading_model(self.ref):
            tokenizer = open_tokenizer(self._folder)
        return sum(len(ids) > self._longest for ids in tokenizer(*text_columns(texts), verbose=False)["input_ids"])

    def _answers(self, logits: NDArray[np.floating]) -> NDArray[np.float32]:
        if not self.labels:
            return logits
        if self._config.problem_type == "multi_label_classification":
            return normalised(1 / (1 + np.exp(-logits.astype(np.float64))))
        return softmax(logits)


def _batches(lengths: NDArray[np.intp], most: int) -> list[list[int]]:
    """Rows of equal length, at most so many tokens together.

    So nothing is padded. Padding changes answers where a tokenizer pads on the left of a model that counts places from
    there, where tokenizer and config name different tokens for it, and where an architecture pays no heed to its mask.
    """
    batches: list[list[int]] = []
    for i in np.argsort(lengths, kind="stable").tolist():
        fits = batches and lengths[batches[-1][0]] == lengths[i]
        if not fits or (len(batches[-1]) + 1) * lengths[i] > most:
            batches.append([])
        batches[-1].append(i)
    return batches


def _check_heads(written: dict[str, Any], ref: str) -> None:
    for made in written.get("architectures") or ():
        if str(made).endswith(OTHER_HEADS):
            raise BadInput(f"{ref} is a {made}, which gives no label to a whole text; use a sequence classifier.")


def _read_config(folder: Path, ref: str) -> Any:
    """The config of a sequence classifier, with the names of its outputs in their order."""
    written = raw_config(folder, ref)
    if is_adapter(folder):
        with reading_model(ref):
            written = of_adapter(written, count_outputs(folder))
    names = label_names(written, ref)
    config = read_config(folder, ref)
    from transformers import AutoModelForSequenceClassification  # with it comes all that models are made of

    if type(config) not in AutoModelForSequenceClassification._model_mapping:
        raise BadInput(f"{ref} is a {config.model_type} model, which classifies no texts; use one that does.")
    if names:
        config.id2label = dict(enumerate(names))
    if config.problem_type == "regression" and config.num_labels > 1:
        raise BadInput(f"{ref} gives {config.num_labels} scores a text; only classifiers and single scores are read.")
    return config


@lru_cache(maxsize=2)
def _load(folder: str, ref: str, _digest: str, device: str) -> tuple[Any, Any]:
    """Model on its device and tokenizer, kept for as long as the folder holds the weights of that digest.

    Raises BadInput for files that are damaged or missing, and for weights never trained.
    """
    from transformers import AutoModelForSequenceClassification

    config = _read_config(Path(folder), ref)
    with reading_model(ref):
        model, missing = read_weights(
            AutoModelForSequenceClassification, Path(folder), ref, device=device, config=config
        )
        tokenizer = open_tokenizer(Path(folder))
    if missing:
        raise BadInput(
            f"{ref} has no trained weights for {missing[0]}, so its labels would be random; fine-tune it as a sequence "
            "classifier first."
        )
    if (read := model.config.get_text_config()).pad_token_id is None:
        read.pad_token_id = -1  # decoders refuse batches without one; as nothing is padded, it is no token at all
    return put_model(model, device, ref), tokenizer
