"""Where names stand on a map so that they cover neither one another nor the points."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

DIRECTIONS = {
    "middle right": (1, 0),
    "top right": (1, 1),
    "top center": (0, 1),
    "top left": (-1, 1),
    "middle left": (-1, 0),
    "bottom left": (-1, -1),
    "bottom center": (0, -1),
    "bottom right": (1, -1),
}
"""Plotly's names for the sides of a point, the best first; y points up."""


class Label(NamedTuple):
    """A label's box from (x0, y0) to (x1, y1), the side of its point, and how far from it."""

    x0: float
    y0: float
    x1: float
    y1: float
    side: str
    reach: float


def place_labels(
    at: np.ndarray, sizes: np.ndarray, frame: Sequence[float], radius: float, reaches: Sequence[float]
) -> list[Label | None]:
    """A free place for each label, or None: greedy, lonely points first, near places first.

    at, sizes : (n, 2) points and label widths and heights in one unit of length; frame : (x0, y0, x1, y1).
    radius : of the points, which no label may cover. reaches : distances from the point's centre to try, rising.
    """
    dots = np.column_stack([at - radius, at + radius])
    apart = np.linalg.norm(at[:, None] - at[None], axis=-1) + np.diag(np.full(len(at), np.inf))
    taken = dots
    labels: list[Label | None] = [None] * len(at)
    for i in np.argsort(-apart.min(1), kind="stable"):
        others = np.delete(taken, i, axis=0)
        labels[i] = _free_place(at[i], sizes[i], frame, others, reaches)
        if labels[i] is not None:
            taken = np.vstack([taken, labels[i][:4]])
    return labels


def densest(at: np.ndarray, share: float = 0.34, most: int = 1000) -> np.ndarray:
    """Middle (2,) of the densest part of points (n, 2), n >= 1: of the `share` of them that lie closest together.

    Where a group falls into several clumps its name belongs into one of them, not between. Of more than `most` points
    an even part is looked at.
    """
    at = at[:: -(-len(at) // most)].astype(np.float64)
    count = max(1, round(share * len(at)))
    apart = np.linalg.norm(at[:, None] - at[None], axis=-1)
    near = np.argsort(apart, axis=1, kind="stable")[:, :count]
    centre = np.take_along_axis(apart, near[:, -1:], 1).argmin()
    return at[near[centre]].mean(0)


def _free_place(at, size, frame, taken: np.ndarray, reaches: Sequence[float]) -> Label | None:
    for reach in reaches:
        for side, direction in DIRECTIONS.items():
            towards = np.array(direction, float)
            x0, y0 = at + towards / np.linalg.norm(towards) * reach + size * (towards - 1) / 2
            x1, y1 = x0 + size[0], y0 + size[1]
            inside = frame[0] < x0 and frame[1] < y0 and x1 < frame[2] and y1 < frame[3]
            covers = (taken[:, 0] < x1) & (x0 < taken[:, 2]) & (taken[:, 1] < y1) & (y0 < taken[:, 3])
            if inside and not covers.any():
                return Label(float(x0), float(y0), float(x1), float(y1), side, reach)
    return None
