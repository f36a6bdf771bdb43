"""Families of tasks, and the groups that families stand in: what filters, legends and lists are ordered by."""

import json
from dataclasses import dataclass
from functools import lru_cache

from fute_core.home import DATA


@dataclass(frozen=True)
class Family:
    """A job that datasets, models and prompts do.

    Parameters
    ----------
    name : str
        Such as "sentiment".
    group : str
        The wider kind of job, such as "judging tone".
    about : str
        The question that its labels answer, in a sentence.
    """

    name: str
    group: str
    about: str


@lru_cache(maxsize=1)
def shipped_families() -> dict[str, Family]:
    """List the families of the shipped datasets, group after group.

    Returns
    -------
    dict of str to Family
        By name.
    """
    rows = json.loads((DATA / "families.json").read_text("utf-8"))
    return {row["family"]: Family(row["family"], row["group"], row["about"]) for row in rows}
