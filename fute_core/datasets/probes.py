"""The shared unlabelled texts that every model answers: versioned, stratified over sources, nested by size.

Any first N of a set is spread evenly over its sources, so that a smaller set is a part of every larger one.
"""

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from fute_core.datasets.writing import write_rows
from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.home import DATA
from fute_core.tasks import Text

VERSION = "v2"
DEFAULT_SINGLE = 512
DEFAULT_PAIRS = 512


@dataclass(frozen=True)
class ProbeSet:
    """A set of n probe texts, all single or all pairs.

    Parameters
    ----------
    version : str
        Version of the shipped texts.
    ids : tuple of str, length n
        "s0001", ... for single texts, "p0001", ... for pairs; a text keeps its id within a version.
    texts : tuple of str or of (str, str), length n
        The texts, or the two texts of each pair.
    pair : bool
        True for pairs.
    sources : tuple of str, length n
        Name of the dataset that each text comes from.
    """

    version: str
    ids: tuple[str, ...]
    texts: tuple[Text, ...]
    pair: bool
    sources: tuple[str, ...]

    @cached_property
    def identity(self) -> str:
        """Name that only this set has: what vectors made from it carry.

        Returns
        -------
        str
            Arity, version, number and digest of the texts, for example "single-v1-512-0f3a9c1e".
        """
        return f"{'pairs' if self.pair else 'single'}-{self.version}-{len(self.ids)}-{digest(self.texts)[:8]}"

    def subset(self, n: int) -> "ProbeSet":
        """Take the first n texts.

        Parameters
        ----------
        n : int
            How many, at least 1.

        Returns
        -------
        ProbeSet
            The first n, spread over the sources as all are.

        Raises
        ------
        BadInput
            For fewer than 1 and for more than there are.
        """
        what = "text pairs" if self.pair else "single texts"
        if n < 1:
            raise BadInput(f"{n} probe texts were asked for; ask for 1 to {len(self.ids)} {what}.")
        if n > len(self.ids):
            raise BadInput(f"{n} probe texts were asked for, but there are {len(self.ids)} {what}; ask for fewer.")
        return ProbeSet(self.version, self.ids[:n], self.texts[:n], self.pair, self.sources[:n])


@lru_cache(maxsize=32)
def load_probes(pair: bool = False, n: int | None = None) -> ProbeSet:
    """Load the first n shipped probe texts.

    Parameters
    ----------
    pair : bool, default False
        Text pairs instead of single texts.
    n : int, optional
        How many; by default `DEFAULT_SINGLE` or `DEFAULT_PAIRS`. More texts place what answers them more surely.

    Returns
    -------
    ProbeSet
        The texts.

    Raises
    ------
    BadInput
        For fewer than 1 and for more than there are.
    """
    return all_probes(pair).subset((DEFAULT_PAIRS if pair else DEFAULT_SINGLE) if n is None else n)


@lru_cache(maxsize=2)
def all_probes(pair: bool = False) -> ProbeSet:
    """Load every shipped probe text.

    Parameters
    ----------
    pair : bool, default False
        Text pairs instead of single texts.

    Returns
    -------
    ProbeSet
        All of that arity.
    """
    path = DATA / "probes" / ("pairs.jsonl" if pair else "single.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    texts = tuple((r["text"], r["text_pair"]) if pair else r["text"] for r in rows)
    return ProbeSet(VERSION, tuple(r["id"] for r in rows), texts, pair, tuple(r["source"] for r in rows))


def export_probes(path: Path | str, pair: bool = False, n: int | None = None) -> int:
    """Write probe texts to a file, so that a model elsewhere can answer them.

    Texts are written as they are, so a spreadsheet may take one that starts with "=" for a formula: answers are
    matched by `id` alone.

    Parameters
    ----------
    path : Path or str
        A file ending in .csv or .jsonl, with columns `id`, `text` and, for pairs, `text_pair`.
    pair : bool, default False
        Text pairs instead of single texts.
    n : int, optional
        How many; by default as `load_probes`.

    Returns
    -------
    int
        How many were written.

    Raises
    ------
    BadInput
        For another ending, a folder that cannot be written, or a wrong n.
    """
    probes = load_probes(pair, n)
    columns = ["id", "text", "text_pair"] if pair else ["id", "text"]
    rows = [[i, *(t if pair else (t,))] for i, t in zip(probes.ids, probes.texts, strict=True)]
    write_rows(Path(path), columns, rows)
    return len(rows)
