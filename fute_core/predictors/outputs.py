"""Answers that the user made elsewhere on exported probe texts, read from a file.

CSV: `id` and one column a label. JSON lines: the same, or `id` and `probs`, an object from label to probability. One
column called `score` instead of labels is a regression. The exported texts may stand beside them.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.probes import ProbeSet, all_probes
from fute_core.datasets.tables import Table, read_rows
from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.probabilities import normalised, row_fault
from fute_core.tasks import Text

FORMAT = 1
DEFAULT_MIN_SHARE = 0.8
ID, PROBS, SCORE = "id", "probs", "score"
BESIDE = ("text", "text_pair", "source")
"""Columns of an exported file, which users may leave in place."""


class OutputsPredictor:
    """Rows of probabilities for probe texts, and NaN for every other text.

    Parameters
    ----------
    labels : sequence of str, length k
        Names of the columns; empty for a regression.
    ids : sequence of str, length m
        The probe text that each row answers.
    texts : sequence of str or of (str, str), length m
        The same probe texts themselves.
    proba : ndarray of float32, shape (m, k)
        Rows that sum to 1, or (m, 1) scores where `labels` is empty.
    n_missing : int, default 0
        Probe texts of the set without an answer.
    n_beyond : int, default 0
        Answers to probe texts outside the set, which were left out.
    """

    def __init__(
        self, labels: Sequence[str], ids: Sequence[str], texts: Sequence[Text], proba: NDArray[np.float32], *,
        n_missing: int = 0, n_beyond: int = 0,
    ):  # fmt: skip
        self.labels = tuple(labels)
        self.n_missing = n_missing
        self.n_beyond = n_beyond
        self._row = {text: i for i, text in enumerate(texts)}
        self._proba = proba
        order = np.argsort(np.array(ids))
        self._identity = digest(("outputs", FORMAT, [ids[i] for i in order], proba[order], not self.labels))

    @classmethod
    def read(cls, path: Path | str, probes: ProbeSet, min_share: float = DEFAULT_MIN_SHARE) -> "OutputsPredictor":
        """Read answers to probe texts from a file, in any order.

        Parameters
        ----------
        path : Path or str
            A CSV file or JSON lines, see the module.
        probes : ProbeSet
            The probe texts of the space.
        min_share : float, default 0.8
            Share of them that must be answered, 0 to 1.

        Returns
        -------
        OutputsPredictor
            With the answers to these probe texts.

        Raises
        ------
        BadInput
            For ids that are unknown, stand twice or mix single texts and pairs, and for what is no distribution over
            one and the same set of labels; the sentence names file, row and column.
        """
        table = read_rows(path)
        ids = _ids(table)
        known = set(all_probes(probes.pair).ids)
        for i, name in enumerate(ids):
            if name not in known:
                _refuse_unknown(table, i, name, probes)
        labels, proba = _answers(table)
        place = dict(zip(probes.ids, probes.texts, strict=True))
        kept = [i for i, name in enumerate(ids) if name in place]
        n = len(probes.ids)
        if not kept or len(kept) < min_share * n:
            share = 100 * len(kept) / n
            raise BadInput(
                f"{table.file} answers {len(kept)} of {n} probe texts ({share:.0f} %), and {100 * min_share:.0f} % are "
                "needed; answer the rest, or lower --min-share."
            )
        return cls(
            labels, [ids[i] for i in kept], [place[ids[i]] for i in kept], proba[kept],
            n_missing=n - len(kept), n_beyond=len(ids) - len(kept),
        )  # fmt: skip

    def fingerprint(self) -> str:
        """Digest of ids and numbers, whatever their order in the file.

        Returns
        -------
        str
            The same for the same answers.
        """
        return self._identity

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Look answers up.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            Probe texts, or others.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows of NaN for texts that the file does not answer.
        """
        out = np.full((len(texts), max(1, len(self.labels))), np.nan, np.float32)
        for i, text in enumerate(texts):
            if (row := self._row.get(text)) is not None:
                out[i] = self._proba[row]
        return out


def read_is_pair(path: Path | str) -> bool:
    """Tell from its ids whether a file answers pairs.

    Parameters
    ----------
    path : Path or str
        A CSV file or JSON lines.

    Returns
    -------
    bool
        False for single texts.

    Raises
    ------
    BadInput
        For a file without usable ids, or with ids of both kinds.
    """
    table = read_rows(path)
    ids = _ids(table)
    kinds = {False: set(all_probes(False).ids), True: set(all_probes(True).ids)}
    pair = ids[0] in kinds[True]
    other = next((i for i, name in enumerate(ids) if name in kinds[not pair]), None)
    if other is not None and ids[0] in kinds[pair]:
        raise BadInput(
            f"{table.where(other, ID)} names a {'single text' if pair else 'pair'} ({ids[other]}) and row 1 a "
            f"{'pair' if pair else 'single text'} ({ids[0]}); put them in files of their own."
        )
    return pair


def _ids(table: Table) -> list[str]:
    if ID not in table.columns:
        raise BadInput(f"{table.file} has no column 'id'; keep the ids of the exported probe texts.")
    ids: list[str] = []
    first: dict[str, int] = {}
    for i, row in enumerate(table.rows):
        value = row.get(ID)
        name = value.strip() if isinstance(value, str) else ""
        if not name:
            raise BadInput(f"{table.where(i, ID)} is empty or no text; give the probe text's id, such as s0001.")
        if name in first:
            raise BadInput(f"{table.where(i, ID)}: {name} stands in row {first[name] + 1} already; keep one of them.")
        first[name] = i
        ids.append(name)
    return ids


def _refuse_unknown(table: Table, i: int, name: str, probes: ProbeSet) -> None:
    other = name in set(all_probes(not probes.pair).ids)
    what = "pairs" if probes.pair else "single texts"
    reason = f"belongs to {'single texts' if probes.pair else 'pairs'}" if other else "is no probe text"
    raise BadInput(f"{table.where(i, ID)}: {name[:40]!r} {reason}; use the ids of `fute probes export` for {what}.")


def _answers(table: Table) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Labels in the file's order (none for scores), and float32 (n, k)."""
    if PROBS in table.columns:
        labels, rows = _from_objects(table)
    else:
        labels, rows = _from_columns(table)
    regression = labels == (SCORE,)
    if len(labels) == 1 and not regression:
        raise BadInput(
            f"{table.file} has one label only ({labels[0]!r}); give one column a label, or call it 'score' if it is a "
            "regression."
        )
    proba = np.zeros((len(rows), len(labels)), np.float64)
    for i, row in enumerate(rows):
        for j, label in enumerate(labels):
            proba[i, j] = _number(table, i, label, row[label])
        if fault := row_fault(proba[i], regression):
            column = next((x for x, p in zip(labels, proba[i], strict=True) if not math.isfinite(p) or p < 0), None)
            raise BadInput(f"{table.where(i, column)}: {fault}")
    if regression:
        return (), proba.astype(np.float32)
    return labels, normalised(proba)


def _from_columns(table: Table) -> tuple[tuple[str, ...], Sequence[Mapping[str, Any]]]:
    labels = tuple(name for name in table.columns if name != ID and name not in BESIDE)
    if not labels:
        raise BadInput(f"{table.file} has no column beside the ids and texts; give one a label with its probability.")
    if len(labels) > 1 and SCORE in labels:
        raise BadInput(f"{table.file} has a column 'score' beside {labels[0]!r}; give either labels or one score.")
    for i, row in enumerate(table.rows):
        if lost := next((label for label in labels if label not in row), None):
            raise BadInput(f"{table.where(i)} has no {lost!r}, which other rows have; give every row the same labels.")
    return labels, table.rows


def _from_objects(table: Table) -> tuple[tuple[str, ...], Sequence[Mapping[str, Any]]]:
    rows: list[Mapping[str, Any]] = []
    for i, row in enumerate(table.rows):
        value = row.get(PROBS)
        if not isinstance(value, Mapping) or not value:
            raise BadInput(
                f'{table.where(i, PROBS)} is no object from label to probability; write {{"yes": 0.8, ...}}.'
            )
        if i and set(value) != set(rows[0]):
            given, wanted = ", ".join(map(str, value)), ", ".join(map(str, rows[0]))
            raise BadInput(f"{table.where(i, PROBS)} has the labels {given} where row 1 has {wanted}; use one set.")
        rows.append(value)
    return tuple(rows[0]), rows


def _number(table: Table, i: int, column: str, value: Any) -> float:
    if isinstance(value, str) and not value.strip():
        raise BadInput(f"{table.where(i, column)} is empty; give its probability, or leave the whole row out.")
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"{table.where(i, column)} holds {str(value)[:40]!r} instead of a number.") from None
