"""What can go wrong, each as one sentence that says what, where and how to mend it."""


class FuteError(Exception):
    """Base of every error that Task Atlas raises on purpose; its text is fit to show to a user."""


class BadInput(FuteError, ValueError):
    """A file, value or option cannot be used as given."""


class Incomparable(FuteError, ValueError):
    """Embeddings from different spaces were about to be compared."""


class Unavailable(FuteError, RuntimeError):
    """Something outside the input is missing: a model, a package, a server, room on the disk."""


class Unexpected(FuteError, RuntimeError):
    """Something broke that nobody foresaw, such as a bug in a black box; the one kind that the command exits 1 for."""


class Cancelled(FuteError):
    """The user stopped a computation; what was finished before is kept."""
