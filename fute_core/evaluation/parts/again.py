"""Shipped classifiers trained again, so that they can be asked about other texts than the probe texts."""

from functools import lru_cache

from fute_core.analysis.asking import Asked, Reply, reply
from fute_core.errors import missing_library
from fute_core.evaluation.parts.boxes import TRAINERS, AllLabels
from fute_core.evaluation.parts.encoder import encoder_trainer
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.predictors import Predictor
from fute_core.store.store import open_store
from fute_core.tasks import Text

KEPT = 64
"""Classifiers that stay trained in a process; the largest have some ten thousand words."""


@lru_cache(maxsize=KEPT)
def trained_again(dataset: str, architecture: str) -> Predictor:
    """Train a shipped classifier from the rows that it was trained on.

    Parameters
    ----------
    dataset : str
        A shipped dataset.
    architecture : str
        One of `boxes.ARCHITECTURES`; "encoder" reads the rows with a language model, the first time in seconds.

    Returns
    -------
    Predictor
        Without its accuracy, which is known.

    Raises
    ------
    Unavailable
        Where the language model that reads for "encoder" is not installed.
    """
    rows = dataset_parts(dataset).train
    train = encoder_trainer(open_store()) if architecture == "encoder" else TRAINERS[architecture]
    trained = train(rows)
    return trained if trained.labels == rows.labels else AllLabels(trained, rows.labels)


def asked_about(asked: Asked, text: Text) -> Reply:
    """Ask somebody about a text; a function by name, so that another process can be told to call it.

    Parameters
    ----------
    asked : Asked
        Who is asked.
    text : str or (str, str)
        What about.

    Returns
    -------
    Reply
        The answer.

    Raises
    ------
    BadInput, Unavailable
        As `analysis.asking.reply`, and for a library that is not installed.
    """
    try:
        return reply(asked, text, trained_again)
    except ModuleNotFoundError as error:
        if told := missing_library(error):
            raise told from error
        raise
