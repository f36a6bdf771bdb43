"""Judge every public docstring of `fute_core` by numpydoc's own validator; exits 1 if anything is wrong.

Public is what has no underscore in its path: functions, classes and their methods and properties. Commands of the
command line are left out, because their docstrings are the text of `--help`.

    python tests/lint/docstrings.py [fute_core.space ...]
"""

import ast
import importlib
import inspect
import pkgutil
import sys
import textwrap
from collections.abc import Iterator
from types import ModuleType

import click
from numpydoc.validate import validate

# No docstring, no summary or one without a full stop, parameters missing, unknown, without type or without words,
# returned and yielded values without a section or without words. What a function raises is looked for below.
CHECKS = {"GL08", "SS01", "SS03", "PR01", "PR02", "PR03", "PR04", "PR07", "RT01", "RT03", "YD01"}


def modules(names: list[str]) -> Iterator[ModuleType]:
    """The named packages and modules with everything below them."""
    for name in names:
        module = importlib.import_module(name)
        yield module
        for found in pkgutil.walk_packages(getattr(module, "__path__", []), f"{name}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def public(module: ModuleType) -> Iterator[str]:
    """Dotted names of the public functions, classes and methods that this module itself defines."""
    for name, thing in vars(module).items():
        if (
            name.startswith("_")
            or isinstance(thing, click.Command)
            or getattr(thing, "__module__", "") != module.__name__
        ):
            continue
        if inspect.isroutine(inspect.unwrap(thing)) or inspect.isclass(thing):
            yield f"{module.__name__}.{name}"
        if inspect.isclass(thing):
            for inner, member in vars(thing).items():
                function = getattr(member, "__func__", getattr(member, "fget", getattr(member, "func", member)))
                # A function that is a field's default has a name of its own, and no docstring to give.
                if not inner.startswith("_") and getattr(function, "__name__", "") == inner:
                    yield f"{module.__name__}.{name}.{inner}"


def raising(body: list[ast.stmt]) -> bool:
    """Whether statements raise something new; not what functions inside them do, nor what a `try` around them takes."""
    for node in body:
        if isinstance(node, ast.Raise):
            if node.exc is not None and "NotImplementedError" not in ast.unparse(node.exc):
                return True
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef):
            inner = [getattr(node, part, []) for part in ("orelse", "finalbody")]
            inner += [] if isinstance(node, ast.Try) else [getattr(node, "body", [])]
            inner += [case.body for case in (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))]
            if any(raising(part) for part in inner):
                return True
    return False


def raises_unsaid(name: str) -> bool:
    """Whether a function raises by itself, and its docstring has no section that says so."""
    module, thing = next(
        (sys.modules[head], name.removeprefix(f"{head}.")) for head in parents(name) if head in sys.modules
    )
    found: object = module
    for part in thing.split("."):
        found = inspect.getattr_static(found, part)
    function = inspect.unwrap(getattr(found, "__func__", getattr(found, "fget", getattr(found, "func", found))))
    if not inspect.isfunction(function) or "Raises\n" in (inspect.getdoc(function) or ""):
        return False
    (defined,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    return isinstance(defined, ast.FunctionDef) and raising(defined.body)


def parents(name: str) -> Iterator[str]:
    """The dotted names above one, the longest first."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def faults(name: str) -> list[str]:
    """What numpydoc finds wrong with one docstring, of the checks above."""
    found = validate(name)
    module, _, attribute = name.rpartition(".")
    # A protocol is never called, so the parameters that Python gives it are nobody's to describe.
    protocol = getattr(getattr(sys.modules.get(module), attribute, None), "_is_protocol", False)
    checks = CHECKS - {"PR01"} if protocol else CHECKS
    said = [f"{name}: {code} {text}" for code, text in found["errors"] if code in checks]
    return [*said, f"{name}: raises, and has no section Raises"] if raises_unsaid(name) else said


def main(names: list[str]) -> int:
    """Print the faults of the named modules, or of all of `fute_core`; 1 where there are any."""
    wrong = [fault for module in modules(names or ["fute_core"]) for one in public(module) for fault in faults(one)]
    print("\n".join([*wrong, f"{len(wrong)} faults in docstrings"]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
