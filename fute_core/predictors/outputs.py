"""A file of answers made elsewhere on exported probe texts: any model, without running it here.

CSV: `id` and one column a label. JSONL: `id` and `probs`, an object from label to probability. A lone column `score`
stands for a regression model. Rows come in any order; some may be missing.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.probes import ProbeSet, all_probes
from fute_core.reading import Table, read_rows
from fute_core.tasks import Text

MIN_SHARE = 0.8
SUM_TOLERANCE = 0.01
SCORE = "score"
IGNORED = frozenset({"id", "text", "text_pair", "source"})
"""Columns of the exported file, which may be left in."""


class OutputsPredictor:
    """Answers looked up by probe text. missing : how many probe texts have none (rows of NaN)."""

    def __init__(self, labels: tuple[str, ...], answers: Mapping[Text, np.ndarray], missing: int = 0):
        self.labels = labels
        self.missing = missing
        self._answers = dict(answers)

    @classmethod
    def read(cls, path: Path | str, probes: ProbeSet, *, min_share: float = MIN_SHARE) -> "OutputsPredictor":
        """Answers to `probes` from a file.

        Raises BadInput, naming file, row and column, for what is no probability, rows that don't sum to 1, unknown or
        repeated ids, fewer than two labels, and where fewer than `min_share` of the probe texts are answered.
        """
        table = read_rows(Path(path))
        rows = _rows(table)
        labels = _labels(table, rows)
        text_of = dict(zip(probes.ids, probes.texts, strict=True))
        every = {*all_probes(probes.pair).ids, *probes.ids}
        answers: dict[Text, np.ndarray] = {}
        known = 0
        for i, (name, values) in enumerate(rows):
            if name not in every:
                raise BadInput(
                    f"{table.where(i, 'id')}: {name!r} is no id of the probe texts; keep those of `fute probes export`"
                    f"{' --pairs' if probes.pair else ''}."
                )
            row = _probabilities(table, i, labels, values)
            if name in text_of:  # a file may answer more probe texts than are asked now
                if text_of[name] in answers:
                    raise BadInput(f"{table.where(i, 'id')}: {name!r} stands twice; answer each probe text once.")
                answers[text_of[name]] = row
                known += 1
        if known < max(min_share * len(probes.ids), 2):
            raise BadInput(
                f"{table.file} answers {known} of {len(probes.ids)} probe texts, and {min_share:.0%} are needed; "
                "add the missing ids, or ask for fewer with --probes."
            )
        return cls(() if labels == (SCORE,) else labels, answers, len(probes.ids) - known)

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        """float32 (n, k); a row of NaN where the file has no answer."""
        nothing = np.full(max(len(self.labels), 1), np.nan, np.float32)
        return np.stack([self._answers.get(text, nothing) for text in texts])

    def fingerprint(self) -> str:
        """Digest of the answers: not of the file's name, its order, or the labels' names."""
        content = sorted((digest(text), row.tobytes()) for text, row in self._answers.items())
        return digest(("outputs", 1, len(self.labels), [list(pair) for pair in content]))


def read_is_pair(path: Path) -> bool:
    """Whether a file answers the probe pairs: their ids start with "p", those of single texts with "s"."""
    table = read_rows(Path(path))
    first = table.rows[0].get("id")
    if first is None:
        raise BadInput(f"{table.file} has no column 'id'; keep the ids of the exported probe texts.")
    return str(first).strip().startswith("p")


def _rows(table: Table) -> list[tuple[str, dict[str, Any]]]:
    """(id, label to value) of every row."""
    rows = []
    for i, row in enumerate(table.rows):
        if row.get("id") in (None, ""):
            raise BadInput(f"{table.where(i, 'id')} is empty; every row needs the id of its probe text.")
        if "probs" in row:
            if not isinstance(row["probs"], dict):
                raise BadInput(f'{table.where(i, "probs")} is no object; write "probs": {{"label": 0.9, ...}}.')
            values = row["probs"]
        else:
            values = {str(k): v for k, v in row.items() if k is not None and str(k) not in IGNORED}
        rows.append((str(row["id"]).strip(), values))
    return rows


def _labels(table: Table, rows: Sequence[tuple[str, dict[str, Any]]]) -> tuple[str, ...]:
    labels = tuple(sorted({label for _, values in rows for label in values}))
    if labels != (SCORE,) and len(labels) < 2:
        found = f"only {labels[0]!r}" if labels else "none"
        raise BadInput(
            f"{table.file} has {found} as a label; give each of at least two labels a column (or a key of probs), or "
            f"one called {SCORE!r} for a regression model."
        )
    return labels


def _probabilities(table: Table, i: int, labels: tuple[str, ...], values: Mapping[str, Any]) -> np.ndarray:
    row = np.zeros(len(labels))
    for place, label in enumerate(labels):
        value = values.get(label)
        if value in (None, ""):
            raise BadInput(f"{table.where(i, label)} is empty; every row needs a number for each of its labels.")
        try:
            row[place] = float(value)
        except (TypeError, ValueError):
            raise BadInput(f"{table.where(i, label)} holds {str(value)[:40]!r}, which is no number.") from None
        if not math.isfinite(row[place]):
            raise BadInput(f"{table.where(i, label)} is not a finite number; write a probability from 0 to 1.")
        if labels != (SCORE,) and row[place] < 0:
            raise BadInput(f"{table.where(i, label)} is negative ({row[place]:g}); write probabilities, not logits.")
    if labels == (SCORE,):
        return row.astype(np.float32)
    if abs(row.sum() - 1) > SUM_TOLERANCE:
        raise BadInput(f"{table.where(i)}: the probabilities sum to {row.sum():.3g} instead of 1; normalise them.")
    return (row / row.sum()).astype(np.float32)
