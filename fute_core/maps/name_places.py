"""Where names stand on a map so that they cover neither one another nor the points."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
DENSEST = 0.34
"""Share of a group's points that make its densest part."""


class Label(NamedTuple):
    """A label's box, and where it stands by its point.

    Parameters
    ----------
    x0, y0, x1, y1 : float
        Lower left and upper right corner.
    side : str
        The side of its point, by Plotly's name.
    reach : float
        How far from its point.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    side: str
    reach: float


def place_labels(
    at: NDArray[np.floating],
    sizes: NDArray[np.floating],
    frame: Sequence[float],
    radius: float,
    reaches: Sequence[float],
) -> list[Label | None]:
    """Find a free place for each label: lonely points first, near places first.

    Parameters
    ----------
    at : ndarray of float, shape (n, 2)
        The points.
    sizes : ndarray of float, shape (n, 2)
        Widths and heights of the labels, in the same unit of length.
    frame : sequence of float
        (x0, y0, x1, y1), inside which labels stand.
    radius : float
        Of the points, which no label may cover.
    reaches : sequence of float
        Distances from the point's centre to try, rising.

    Returns
    -------
    list of Label or None
        One for each point; None where there is no room.
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


def place_names(
    at: NDArray[np.floating],
    sizes: NDArray[np.floating],
    dots: NDArray[np.floating],
    frame: Sequence[float],
    radius: float,
    reaches: Sequence[float],
) -> list[Label | None]:
    """Find a free place for names of groups, the first ones first, that cover no point.

    Parameters
    ----------
    at : ndarray of float, shape (n, 2)
        Where each belongs.
    sizes : ndarray of float, shape (n, 2)
        Widths and heights of the names, in the same unit of length.
    dots : ndarray of float, shape (m, 2)
        The points.
    frame : sequence of float
        (x0, y0, x1, y1), inside which names stand.
    radius : float
        Of the points.
    reaches : sequence of float
        Distances to try, rising.

    Returns
    -------
    list of Label or None
        One for each name; None where there is no room.
    """
    taken = np.column_stack([dots - radius, dots + radius])
    labels: list[Label | None] = []
    for place, size in zip(at, sizes, strict=True):
        labels.append(label := _free_place(place, size, frame, taken, reaches))
        if label is not None:
            taken = np.vstack([taken, label[:4]])
    return labels


def family_middles(
    at: NDArray[np.floating], families: NDArray[np.str_], ends: tuple[str, str] = ("", "")
) -> list[tuple[str, NDArray[np.float64]]]:
    """Find where each family's name belongs: the middle of its densest part.

    Parameters
    ----------
    at : ndarray of float, shape (n, 2)
        The points.
    families : ndarray of str, shape (n,)
        Of each point; "" for none, which gets no name.
    ends : tuple of (str, str)
        Families at the left and the right end of an axis, which are named by those of theirs that lie nearest to it.

    Returns
    -------
    list of (str, ndarray of float64, shape (2,))
        Families with their middles: the ends, then the largest first.
    """
    names, counts = np.unique(families, return_counts=True)
    by_size = sorted(zip(names.tolist(), counts.tolist(), strict=True), key=lambda n: (n[0] not in ends, -n[1], n[0]))
    found = []
    for family, count in by_size:
        members = at[families == family]
        if family and family in ends:
            along = members[:, 0] * (1 if family == ends[0] else -1)
            nearest = np.argsort(along, kind="stable")[: max(1, round(DENSEST * count))]
            found.append((family, members[nearest].mean(0, dtype=np.float64)))
        elif family:
            found.append((family, densest(members)))
    return found


def densest(at: NDArray[np.floating], share: float = DENSEST, most: int = 1000) -> NDArray[np.float64]:
    """Find the middle of the densest part of some points.

    Where a group falls into several clumps its name belongs into one of them, not between.

    Parameters
    ----------
    at : ndarray of float, shape (n, 2)
        At least one point.
    share : float, default 0.34
        Share of the points that make the densest part: those that lie closest together.
    most : int, default 1000
        Of more points than this an even part is looked at.

    Returns
    -------
    ndarray of float64, shape (2,)
        The middle.
    """
    points = at[:: -(-len(at) // most)].astype(np.float64)
    count = max(1, round(share * len(points)))
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    near = np.argsort(apart, axis=1, kind="stable")[:, :count]
    centre = np.take_along_axis(apart, near[:, -1:], 1).argmin()
    middle: NDArray[np.float64] = points[near[centre]].mean(0)
    return middle


def _free_place(
    at: NDArray[np.floating],
    size: NDArray[np.floating],
    frame: Sequence[float],
    taken: NDArray[np.floating],
    reaches: Sequence[float],
) -> Label | None:
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
