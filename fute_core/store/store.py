"""The store: vectors and their names, answers, and whatever else is worth keeping; safe for several processes.

Values are raw arrays and JSON, sealed by `fute_core.store.values`, never a pickle. Nothing is evicted unless asked.
"""

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from fute_core.arguments import of_kind
from fute_core.digest import digest
from fute_core.home import fute_home
from fute_core.store.embeddings import Embeddings
from fute_core.store.faults import NO_VECTOR, UNUSABLE, section_faults
from fute_core.store.headers import header_of
from fute_core.store.keys import beside_keys
from fute_core.store.sections import SECTIONS
from fute_core.tasks import Kind, Text


class Store(Embeddings):
    """Vectors under the digest of all that changes them, the names that users gave them, and answers of black boxes.

    A vector lies in "embeddings", each of its names in "names", raw answers in "answers", all else in "arrays".

    Parameters
    ----------
    path : path-like, optional
        Folder of the store, made with the first value. By default `cache` in `fute_home()`.
    """

    def put_answers(
        self, predictor: str, texts: Sequence[Text], answers: np.ndarray, thoughts: Sequence[str | None] | None = None
    ) -> None:
        """Keep a predictor's raw answers, each under its text, so that any overlap of probe sets is reused.

        Parameters
        ----------
        predictor : str
            Fingerprint of the predictor.
        texts : sequence of str or (str, str), length n
            What it was asked.
        answers : ndarray, shape (n, s)
            One row a text, kept as float32.
        thoughts : sequence of str or None, length n, optional
            What was said before each answer, where a prompt lets the model reason first.
        """
        said = [{} if thought is None else {"thought": thought} for thought in thoughts or [None] * len(texts)]
        rows = zip(texts, np.asarray(answers, np.float32), said, strict=True)
        self.put_many({_answer_key(predictor, text): ({"answer": row}, about) for text, row, about in rows}, "answers")

    def get_answers(self, predictor: str, texts: Sequence[Text]) -> tuple[list[np.ndarray | None], np.ndarray]:
        """Read a predictor's raw answers.

        Parameters
        ----------
        predictor : str
            Fingerprint of the predictor.
        texts : sequence of str or (str, str), length n
            What it may have been asked.

        Returns
        -------
        answers : list of (ndarray of float32, shape (s,)) or None
            One for each text.
        missing : ndarray of bool, shape (n,)
            Where there is none.
        """
        found = self.get_many((_answer_key(predictor, text) for text in texts), "answers")
        rows = [None if value is None else value[0].get("answer") for value in found]
        return rows, np.array([row is None for row in rows], bool)

    def get_thoughts(self, predictor: str, texts: Sequence[Text]) -> list[str | None]:
        """Read what a predictor said before its answers.

        Parameters
        ----------
        predictor : str
            Fingerprint of the predictor.
        texts : sequence of str or (str, str), length n
            What it may have been asked.

        Returns
        -------
        list of str or None
            One for each text; None where it answered at once, or was not asked.
        """
        found = self.get_many((_answer_key(predictor, text) for text in texts), "answers")
        said = [None if value is None else value[1].get("thought") for value in found]
        return [thought if isinstance(thought, str) else None for thought in said]

    def verify(self, drop: bool = False) -> list[tuple[str, str]]:
        """Read every value, to find those that cannot be used.

        Parameters
        ----------
        drop : bool, default False
            Delete those, the files that killed writers left behind, and names whose vectors are missing.

        Returns
        -------
        list of (str, str)
            Section and key of each value that is damaged, or a vector with NaN.

        See Also
        --------
        faults : With what is wrong, and what else may be; none of that is deleted.
        """
        damaged = [(section, key) for section, key, why in self.faults() if why in UNUSABLE]
        if drop:
            for section, key in damaged:
                self.remove(section, key)
            with self._told():
                for section in SECTIONS:
                    for file in self._index(section).left_over():
                        file.unlink(missing_ok=True)
                    if self._index(section).is_lost():
                        self._open(section)
            self.forget(self.without_vector())
        return damaged

    def faults(self) -> list[tuple[str, str, str]]:
        """Read every value, to find what is not as it should be.

        Returns
        -------
        list of (str, str, str)
            Section, key and what is wrong, as `section_faults` says it; and names, whose vectors are missing.
        """
        with self._told():
            found = [
                (section, key, why)
                for section in SECTIONS
                for key, why in section_faults(self._index(section), section)
            ]
        return [*found, *(("names", header.name, NO_VECTOR) for header in self.without_vector())]

    def prune(
        self, *, section: str | None = None, kind: Kind | None = None, older_than: str | None = None,
        keep: Iterable[str] | None = None, unnamed: bool = False, damaged: bool = False, only_count: bool = False,
    ) -> int:  # fmt: skip
        """Delete what is asked for. `kind`, `older_than` and `keep` choose embeddings that fit all that are given.

        Parameters
        ----------
        section : str, optional
            Everything in it; "embeddings" takes names and kept answers along.
        kind : {"dataset", "model", "prompt"}, optional
            Embeddings of that kind.
        older_than : str, optional
            Embeddings made before that ISO date.
        keep : iterable of str, optional
            Embeddings with other keys than these.
        unnamed : bool, default False
            Vectors whose name was given to a newer one. What evaluations keep never had a name, and stays.
        damaged : bool, default False
            Values that `verify` reports.
        only_count : bool, default False
            Delete nothing.

        Returns
        -------
        int
            How many were deleted, or would be. What is meant in several ways is counted once for each.
        """
        count = len(self.verify(drop=not only_count)) if damaged else 0
        if (kind, older_than, keep) != (None, None, None):
            kept = frozenset(keep or ())
            meant = [
                header for header in self.headers(kind)
                if header.key not in kept and (older_than is None or header.provenance.created < older_than)
            ]  # fmt: skip
            count += len(meant)
            if not only_count:
                self.delete_all(meant)
        if unnamed:
            named = self.named()
            replaced = [e.key for e in self.nameless() if header_of(e).entry in named]
            count += len(replaced) if only_count else sum(map(self.remove_unnamed, replaced))
        if section is not None and only_count:
            return count + len(self.keys(section))
        if section == "embeddings":
            for key in self.keys("embeddings"):
                for beside in beside_keys(key):
                    self.remove("arrays", beside)
        if section is not None:
            count += self.clear(section)
            if section == "embeddings":
                self.clear("names")
        return count


@lru_cache(maxsize=8)
def _opened(path: Path, process: int) -> Store:
    return Store(path)


def open_store(path: Path | str | None = None) -> Store:
    """Open a store, once a process, and anew after a fork.

    Parameters
    ----------
    path : path-like, optional
        Folder of the store. By default `cache` in `fute_home()`.

    Returns
    -------
    Store
        The same one for the same path.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.open_store().headers()
    []
    """
    of_kind("a path", (str, os.PathLike), path=path)
    return _opened(Path(path) if path is not None else fute_home() / "cache", os.getpid())


def _answer_key(predictor: str, text: Text) -> str:
    return f"{predictor}/{digest(text)}"
