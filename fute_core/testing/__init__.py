"""Does a predictor, a method or a surrogate keep its contract? Checks for ours, and for anyone's own.

    from fute_core.testing import check_predictor

    def test_my_model():
        check_predictor(lambda: MyPredictor("weights/"))

Each check raises one AssertionError that lists every clause that is broken, with the numbers that show it.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fute_core.datasets.probes import load_probes
from fute_core.methods import Method
from fute_core.predictors import Predictor
from fute_core.tasks import Text
from fute_core.testing.clauses import Problems
from fute_core.testing.encoders import surrogate_problems
from fute_core.testing.methods import method_problems
from fute_core.testing.predictors import predictor_problems

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate


def check_predictor(
    make: Callable[[], Predictor], texts: Sequence[Text] | None = None, *, pair: bool = False, tolerance: float = 1e-4
) -> None:
    """Check a predictor against `fute_core.predictors.Predictor`.

    Parameters
    ----------
    make : callable
        Builds the predictor anew, without arguments. It is called twice, since two that are built alike must be known
        as the same.
    texts : sequence of str or of (str, str), optional
        Texts to ask of; by default 12 of the shipped probe texts.
    pair : bool, default False
        Take pairs of texts by default.
    tolerance : float, default 1e-4
        How far probabilities may differ between batches; arithmetic in bfloat16 needs more.

    Raises
    ------
    AssertionError
        With every clause that is broken, and the numbers that show it.

    Examples
    --------
    >>> import numpy as np
    >>> from fute_core.predictors.callable import CallablePredictor
    >>> from fute_core.testing import check_predictor
    >>> def shouts(texts):
    ...     loud = np.array([float("!" in text) for text in texts])
    ...     return np.stack([1 - loud, loud], axis=1)
    >>> check_predictor(lambda: CallablePredictor(shouts, ["calm", "shout"], version="1"))
    """
    texts = list(texts if texts is not None else load_probes(pair, 12).texts)
    _report("predictor", predictor_problems(make, texts, tolerance))


def check_method(make: Callable[[], Method], surrogate: "Surrogate", *, n_texts: int = 24) -> None:
    """Check a method against `fute_core.methods.Method`, on tasks of 2 and of 3 labels, soft targets, scores and pairs.

    Parameters
    ----------
    make : callable
        Builds the method anew, without arguments.
    surrogate : Surrogate
        The encoder to fit with; a small one makes the check quick.
    n_texts : int, default 24
        Rows of each task; more make the check slower and no stricter.

    Raises
    ------
    AssertionError
        With every clause that is broken, and the numbers that show it.

    Examples
    --------
    >>> from fute_core.methods import METHODS
    >>> from fute_core.models.surrogate import load_surrogate
    >>> from fute_core.testing import check_method
    >>> check_method(METHODS["text"], load_surrogate("minilm"))
    """
    _report("method", method_problems(make, surrogate, n_texts))


def check_surrogate(surrogate: "Surrogate", *, tolerance: float = 1e-4) -> None:
    """Check an encoder: batches hold every text once, features depend on the text alone, and nothing is trained.

    Parameters
    ----------
    surrogate : Surrogate
        The encoder.
    tolerance : float, default 1e-4
        How far features may differ between batches, as a share of the largest.

    Raises
    ------
    AssertionError
        With every clause that is broken, and the numbers that show it.

    Examples
    --------
    >>> from fute_core.models.surrogate import load_surrogate
    >>> from fute_core.testing import check_surrogate
    >>> check_surrogate(load_surrogate("minilm"))
    """
    _report("surrogate", surrogate_problems(surrogate, tolerance))


def _report(what: str, problems: Problems) -> None:
    found: list[str] = []
    try:
        found.extend(problems)
    except Exception as error:
        raise AssertionError(
            "\n".join([f"This {what} fails in the middle of its checks: {type(error).__name__}: {error}", *found])
        ) from error
    if found:
        raise AssertionError("\n".join([f"This {what} breaks its contract:", *(f"  - {problem}" for problem in found)]))
