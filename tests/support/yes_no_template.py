"""A template with two answers."""

from fute_core.tasks import PromptTemplate

YES_NO = {"choices": (("yes",), ("no",)), "labels": ("a", "b")}


def template(source: str, **changes) -> PromptTemplate:
    return PromptTemplate("t", source, **{**YES_NO, **changes})
