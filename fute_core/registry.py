"""Names to classes, for methods and predictors alike: built-ins and other packages' register the same way."""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from fute_core.errors import BadInput


class Registry:
    """Public names, each with the class or function behind it, imported when it is first asked for.

    Another package adds to it with an entry point in the group `group`, or with `register`.

    Parameters
    ----------
    group : str
        Group of entry points, such as "fute.methods".
    builtin : dict of str to str
        Our own names, each with "module:attribute".

    Raises
    ------
    BadInput
        From `registry[name]` for a name that there is not; the sentence lists those there are.

    Examples
    --------
    >>> from fute_core.registry import Registry
    >>> Registry("fute.examples", {"join": "os.path:join"})["join"]("a", "b")
    'a/b'
    """

    def __init__(self, group: str, builtin: dict[str, str]):
        self.group = group
        self._targets = dict(builtin)
        self._scanned = False

    def register(self, name: str, target: str | Any) -> None:
        """Add or replace a name.

        Parameters
        ----------
        name : str
            The public name.
        target : str or object
            The object itself, or "module:attribute".
        """
        self._targets[name] = target

    def __iter__(self) -> Iterator[str]:
        self._scan()
        return iter(self._targets)

    def __getitem__(self, name: str) -> Any:
        if name not in self._targets:
            self._scan()
        if name not in self._targets:
            what = self.group.rpartition(".")[2].removesuffix("s")
            raise BadInput(f"There is no {what} {name!r}; choose one of {', '.join(self)}.")
        target = self._targets[name]
        if isinstance(target, str):
            module, _, attribute = target.partition(":")
            target = self._targets[name] = getattr(import_module(module), attribute)
        return target

    def _scan(self) -> None:
        if not self._scanned:
            self._scanned = True
            for point in entry_points(group=self.group):
                self._targets.setdefault(point.name, point.value)
