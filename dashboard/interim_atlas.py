"""Stands in for `fute_core.atlas.open_atlas` until that is there: the largest space of the store, without a gallery."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fute_core.atlas import select_space
from fute_core.catalog import shipped_datasets
from fute_core.probes import ProbeSet, load_probes
from fute_core.projection import project
from fute_core.space import TaskSpace
from fute_core.store import Store
from fute_core.tasks import TaskEmbedding


@dataclass(frozen=True)
class Item:
    embedding: TaskEmbedding
    facts: Mapping[str, Any]
    answers: np.ndarray | None = None


@dataclass(frozen=True)
class Scale:
    null: np.ndarray

    def share(self, kind_a: str, kind_b: str, cosine: float) -> float:
        return float((self.null >= cosine).mean()) if len(self.null) else 1.0


@dataclass(frozen=True)
class Atlas:
    items: tuple[Item, ...]
    space: TaskSpace
    probes: ProbeSet

    @cached_property
    def scale(self) -> Scale:
        cosines = self.space.similarity(self.space.labels, self.space.labels)
        families = np.array([str(i.embedding.family) for i in self.items])
        return Scale(cosines[families[:, None] != families[None]])

    @cached_property
    def coordinates(self) -> np.ndarray:
        return project(self.space, method="pca").coordinates


def open_atlas(pair: bool, store: Store) -> Atlas:
    cards = shipped_datasets()
    found = select_space(store.embeddings(), pairs=pair)
    items = tuple(
        Item(e, {**e.provenance.details, **(cards.get(e.name, {}) if e.kind == "dataset" else {}), "shipped": True})
        for e in found
    )
    return Atlas(items, TaskSpace(found), load_probes(pair))
