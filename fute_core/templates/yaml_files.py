"""Template files as text and as YAML, read so that no file can do harm."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, ClassVar

import yaml

from fute_core.errors import BadInput
from fute_core.templates.lm_eval import FunctionTag, recognises

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
MAX_NODES = 100_000
"""Of a file with aliases, every one counted as if it was written out."""


class _Loader(yaml.SafeLoader):
    """YAML whose values are texts as they are written, with the tags of promptsource and lm-evaluation-harness as data.

    Texts, since an answer `no` is a word here and neither false nor "False", and `01` is not 1.
    """

    yaml_implicit_resolvers: ClassVar = {  # type: ignore[misc]  # a class variable in the library too
        first: [(tag, pattern) for tag, pattern in known if tag == "tag:yaml.org,2002:null"]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, stream: str):
        super().__init__(stream)
        self.depth = 0
        self.aliased = False
        self.sizes: dict[int, tuple[int, int]] = {}
        self.twice: list[yaml.MarkedYAMLError] = []

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One node with those below it. What nests too deep or grows too large by aliases is refused as it comes."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        alias = isinstance(event, yaml.AliasEvent)
        self.depth += 1
        self._check(self.depth <= MAX_DEPTH, f"is nested over {MAX_DEPTH} deep; no template format is", event)
        node = super().compose_node(parent, index)
        self.depth -= 1
        if node is None:
            return None
        if alias:
            self.aliased = True
            self._check(id(node) in self.sizes, "has a YAML alias (*name) inside of what it names; write it out", event)
        else:
            below = [self.sizes[id(child)] for child in _children(node)]
            self.sizes[id(node)] = 1 + sum(size for size, _ in below), 1 + max((deep for _, deep in below), default=0)
        size, deep = self.sizes[id(node)]
        deep_enough = self.depth + deep <= MAX_DEPTH
        self._check(deep_enough, f"is nested over {MAX_DEPTH} deep; no template format is", event)
        large = f"grows to over {MAX_NODES:,} values by its YAML aliases (*name); write them out"
        self._check(not self.aliased or size <= MAX_NODES, large, event)
        return node

    def _check(self, good: bool, what: str, event: yaml.Event) -> None:
        if not good:
            where = f", line {event.start_mark.line + 1}" if event.start_mark else ""
            raise BadInput(f"{where} {what}.")

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value):
            keys = [key.value for key, _ in node.value]
            twice, mark = next((k, n[0].start_mark) for k, n in zip(keys, node.value, strict=True) if keys.count(k) > 1)
            self.twice.append(yaml.MarkedYAMLError(None, None, f"the key {twice!r} stands twice", mark))
        return mapping


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _as_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    return loader.construct_mapping(node, deep=True)


def _as_function(loader: _Loader, node: yaml.ScalarNode) -> FunctionTag:
    return FunctionTag(loader.construct_scalar(node))


_Loader.add_constructor("!Template", _as_mapping)
_Loader.add_constructor("!TemplateMetadata", _as_mapping)
_Loader.add_constructor("!function", _as_function)


def read_text(path: Path) -> str:
    """Read a template file as text.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its content.

    Raises
    ------
    BadInput
        For what is no file, too large, or not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise BadInput(f"{path} is a {'folder' if path.is_dir() else 'device'}; give a template file.")
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path.name} has more than {MAX_BYTES / 1e6:.0f} MB; is it a template file?")
        return path.read_text("utf-8-sig")
    except BadInput:  # a ValueError too
        raise
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path.") from None
    except ValueError:
        raise BadInput(f"{str(path)[:80]!r} is no file name; check the path.") from None


def parse_yaml(path: Path, text: str) -> Any:
    """Parse YAML whose values are texts as they are written. Python is never run.

    Parameters
    ----------
    path : Path
        The file, which the sentence names.
    text : str
        Its content.

    Returns
    -------
    object
        Mappings, lists, texts and `FunctionTag`.

    Raises
    ------
    BadInput
        For what is not YAML, is empty, is nested too deep, or grows too large by its aliases.
    """
    loader = None
    try:
        loader = _Loader(text)
        document = loader.get_single_data()
        if loader.twice and not recognises(
            document
        ):  # of a task of lm-evaluation-harness the last one counts, as there
            raise loader.twice[0]
    except BadInput as error:  # a ValueError too
        raise BadInput(f"{path.name}{error}") from None
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadInput(f"{path.name}{line} is not YAML ({error.problem or error.context}).") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise BadInput(f"{path.name} is not YAML ({type(error).__name__}).") from None
    finally:
        if loader is not None:
            loader.dispose()
    if document is None:
        raise BadInput(f"{path.name} is empty; it needs at least one template.")
    return document
