"""Under which keys the store keeps what belongs to an embedding."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


def answers_key(key: str) -> str:
    """Where the store keeps the label distributions (m, k) on the probe texts that belong to an embedding."""
    return f"on-probes/{key}"
