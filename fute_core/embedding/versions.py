"""Which libraries a vector was made with."""

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version


def versions() -> dict[str, str]:
    """List the versions of the libraries that a vector's last bits depend on.

    Returns
    -------
    dict of str to str
        Version by package; without our own where it is not installed.
    """
    found = {}
    for name in ("task-atlas", "torch", "transformers", "scikit-learn", "numpy"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
