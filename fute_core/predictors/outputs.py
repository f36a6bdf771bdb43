"""Answers that the user made elsewhere on exported probe texts, read from a file.

CSV: `id` and one column a label. JSON and Parquet: the same, or `id` and `probs`, an object (in Parquet a struct or a
map) from label to probability. One column of words instead is hard labels, or raw answers that name a label; one called
`score` is a regression. The exported texts and other columns may stand beside them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.probes import ProbeSet, all_probes
from fute_core.datasets.tables import Table, read_rows
from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.output_rows import ID, answer_rows, probe_ids
from fute_core.tasks import Text

FORMAT = 1
DEFAULT_MIN_SHARE = 0.8


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
    notes : tuple of str
        How the answers were read, where that is not the usual way.
    dropped : mapping
        Rows of the file without an answer that is one, by reason.
    """

    def __init__(
        self, labels: Sequence[str], ids: Sequence[str], texts: Sequence[Text], proba: NDArray[np.float32], *,
        n_missing: int = 0, n_beyond: int = 0, notes: Sequence[str] = (), dropped: Mapping[str, int] | None = None,
    ):  # fmt: skip
        self.labels = tuple(labels)
        self.n_missing = n_missing
        self.n_beyond = n_beyond
        self.notes = tuple(notes)
        self.dropped = dict(dropped or {})
        self._row = {text: i for i, text in enumerate(texts)}
        self._proba = proba
        order = np.argsort(np.array(ids))
        self._identity = digest(("outputs", FORMAT, [ids[i] for i in order], proba[order], not self.labels))

    @classmethod
    def read(
        cls, path: Path | str, probes: ProbeSet, min_share: float = DEFAULT_MIN_SHARE, *,
        answer_column: str | None = None, labels: Sequence[str] | None = None,
    ) -> "OutputsPredictor":  # fmt: skip
        """Read answers to probe texts from a file, in any order.

        Parameters
        ----------
        path : Path or str
            A CSV, Parquet or JSON lines file, see the module.
        probes : ProbeSet
            The probe texts of the space.
        min_share : float, default 0.8
            Share of them that must be answered, 0 to 1.
        answer_column : str, optional
            Column of hard labels or raw answers, where that is not plain.
        labels : sequence of str, optional
            Labels that raw answers mean.

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
        ids = probe_ids(table)
        known = set(all_probes(probes.pair).ids)
        for i, name in enumerate(ids):
            if name not in known:
                _refuse_unknown(table, i, name, probes)
        answers = answer_rows(table, answer_column, labels)
        ids = [ids[i] for i in answers.rows]
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
            answers.labels, [ids[i] for i in kept], [place[ids[i]] for i in kept], answers.proba[kept],
            n_missing=n - len(kept), n_beyond=len(ids) - len(kept), notes=(*table.notes, *answers.notes),
            dropped=answers.dropped,
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
        A CSV, Parquet or JSON lines file.

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
    ids = probe_ids(table)
    kinds = {False: set(all_probes(False).ids), True: set(all_probes(True).ids)}
    pair = ids[0] in kinds[True]
    other = next((i for i, name in enumerate(ids) if name in kinds[not pair]), None)
    if other is not None and ids[0] in kinds[pair]:
        raise BadInput(
            f"{table.where(other, ID)} names a {'single text' if pair else 'pair'} ({ids[other]}) and row 1 a "
            f"{'pair' if pair else 'single text'} ({ids[0]}); put them in files of their own."
        )
    return pair


def _refuse_unknown(table: Table, i: int, name: str, probes: ProbeSet) -> None:
    other = name in set(all_probes(not probes.pair).ids)
    what = "pairs" if probes.pair else "single texts"
    reason = f"belongs to {'single texts' if probes.pair else 'pairs'}" if other else "is no probe text"
    raise BadInput(f"{table.where(i, ID)}: {name[:40]!r} {reason}; use the ids of `fute probes export` for {what}.")
