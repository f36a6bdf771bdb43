"""The items of a map with their places, and names short enough to stand beside them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.maps.projection import Projection
    from fute_core.space.space import TaskSpace

LONGEST_LABEL = 28


@dataclass(frozen=True)
class MapPoint:
    """One item of a map. z is None on a map of two dimensions."""

    name: str
    kind: str
    family: str | None
    x: float
    y: float
    z: float | None = None


def map_points(space: "TaskSpace", projection: "Projection") -> list[MapPoint]:
    """The items of `space` with their coordinates on the map that was made of it."""
    if len(space) != len(projection.coordinates):
        raise BadInput(f"The map has {len(projection.coordinates)} points and the space {len(space)}; make it anew.")
    places = [[float(c) for c in row] for row in projection.coordinates]
    return [MapPoint(e.name, e.kind, e.family, *at) for e, at in zip(space.embeddings, places, strict=True)]


def shorten(name: str, longest: int = LONGEST_LABEL) -> str:
    """The name in one line, its middle left out if long: beginnings and ends tell names apart."""
    name = " ".join(name.split())
    if len(name) <= longest:
        return name
    head = (longest - 1) * 2 // 3
    return f"{name[:head]}…{name[len(name) - (longest - 1 - head) :]}"
