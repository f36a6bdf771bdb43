"""What can go wrong, each as one sentence that says what, where and how to mend it."""


class FuteError(Exception):
    """Base of every error that Task Atlas raises on purpose; its text is fit to show to a user."""


class BadInput(FuteError, ValueError):
    """A file, value or option cannot be used as given."""


class Undecided(BadInput):
    """A choice that is the user's: the sentence names what there is to choose from, and ends with the options.

    Parameters
    ----------
    what : str
        What is to choose: "text", "label", "kind" (labels or scores), "case", "answer" or "labels".
    sentence : str
        The sentence; its options follow on "; choose with".
    """

    def __init__(self, what: str, sentence: str):
        super().__init__(sentence)
        self.what = what

    def __reduce__(self) -> tuple[type["Undecided"], tuple[str, str]]:
        return type(self), (self.what, str(self))


class Incomparable(FuteError, ValueError):
    """Embeddings from different spaces were about to be compared."""


class Unavailable(FuteError, RuntimeError):
    """Something outside the input is missing: a model, a package, a server, room on the disk."""


class Unexpected(FuteError, RuntimeError):
    """Something broke that nobody foresaw, such as a bug in a black box; the one kind that the command exits 1 for."""


class Cancelled(FuteError):
    """The user stopped a computation; what was finished before is kept."""


EXTRAS = {
    "torch": "llm", "transformers": "llm", "tokenizers": "llm", "peft": "llm", "gguf": "llm", "sentencepiece": "llm",
    "httpx": "llm", "huggingface_hub": "llm", "umap": "maps", "matplotlib": "maps", "plotly": "maps",
    "streamlit": "dashboard", "distributed": "dask", "dask": "dask", "ray": "ray",
}  # fmt: skip
"""Which extra of the package brings a library that a bare installation lacks."""


def missing_library(error: ModuleNotFoundError) -> Unavailable | None:
    """Say which extra brings a library that is not installed.

    Parameters
    ----------
    error : ModuleNotFoundError
        What an import raised.

    Returns
    -------
    Unavailable or None
        One sentence with the line for pip; None for a library that belongs to no extra, whose lack is a fault.
    """
    library = (error.name or "").partition(".")[0]
    if library not in EXTRAS:
        return None
    extra = EXTRAS[library]
    return Unavailable(f"This needs {library}, which is not installed; run: pip install 'task-atlas[{extra}]'")
