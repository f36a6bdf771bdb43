"""An encoder with a sentence for each label as one black box: the label whose sentence fits a text best."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.label_sentences import Labels, label_sentences
from fute_core.predictors.scoring import label_probabilities
from fute_core.predictors.sentence_scores import open_scorer
from fute_core.tasks import Text

FORMAT = 1


class ZeroShotPredictor:
    """An encoder prompted by sentences: every text gets the label whose sentence is nearest.

    Parameters
    ----------
    encoder : str
        A packaged name, a folder, or a Hub id: an encoder, by the cosine of text and sentence; or a cross-encoder or a
        model for inference, by what it says of both together.
    labels : mapping or sequence of str
        A sentence or several for each label, or names alone, for which `template` makes sentences.
    template : str, optional
        With "{label}" where the name belongs; by default "This text is about {label}."
    temperature : float, optional
        What scores are divided by before the softmax, above 0; by default 0.05 for cosines and 1 for a model that reads
        both together. It changes how sure the answers are, and neither which is the likeliest nor what is stored.

    Attributes
    ----------
    labels : tuple of str, length k
        Names of the labels.

    Raises
    ------
    BadInput
        For sentences that cannot be used (`label_sentences`), and for a folder that holds no model.
    Unavailable
        For an encoder that is not installed or cannot be fetched.

    References
    ----------
    FUTE, section 3: a prompt with a model is one black box, and a label scores as the best of what stands for it does.

    Examples
    --------
    >>> from fute_core.predictors.zero_shot import ZeroShotPredictor
    >>> box = ZeroShotPredictor("minilm", {"sport": "This is about sport.", "food": "This is about food."})
    >>> box.predict_proba(["The match ended in a draw."]).argmax()
    0
    """

    def __init__(
        self,
        encoder: str,
        labels: Labels | None = None,
        *,
        template: str | None = None,
        temperature: float | None = None,
    ):
        if labels is None:
            raise BadInput(
                f"{encoder} needs a sentence for each label; give labels, on the command line --labels FILE."
            )
        said = label_sentences(labels, template, temperature)
        self.labels = said.labels
        self._sentences = tuple(one for some in said.sentences for one in some)
        self._owner = np.repeat(np.arange(len(said.labels)), [len(some) for some in said.sentences])
        self._scorer = open_scorer(encoder)
        self.temperature = self._scorer.temperature if said.temperature is None else said.temperature

    def score(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Score every sentence for every text.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs.

        Returns
        -------
        ndarray of float32, shape (n, s)
            Cosines, outputs or log-probabilities, in the order of the labels and their sentences.
        """
        if not len(texts):
            return np.zeros((0, len(self._sentences)), np.float32)
        return self._scorer.scores(texts, self._sentences)

    def proba(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn scores into label distributions.

        Parameters
        ----------
        scores : ndarray of float32, shape (n, s)
            As `score` gives them.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1.
        """
        return label_probabilities(np.asarray(scores / self.temperature, np.float32), self._owner)

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Score, and turn the scores into label distributions.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Single texts, or pairs.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1.
        """
        return self.proba(self.score(texts))

    def score_fingerprint(self) -> str:
        """Digest of the encoder, how it is read, and the sentences.

        Returns
        -------
        str
            Known without torch.
        """
        return digest(("zero-shot", FORMAT, self._scorer.identity(), self._sentences))

    def fingerprint(self) -> str:
        """Digest of the scores, which label each sentence has, and the temperature.

        Returns
        -------
        str
            Known without torch.
        """
        return digest((self.score_fingerprint(), self._owner, self.temperature))

    def count_truncated(self, texts: Sequence[Text]) -> int:
        """Count the texts that are longer than the encoder reads.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What would be asked.

        Returns
        -------
        int
            How many are cut.
        """
        return self._scorer.count_truncated(texts, self._sentences) if len(texts) else 0
