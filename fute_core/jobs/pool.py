"""Workers that carry tasks out: what every backend offers."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable

from fute_core.jobs.task import Outcome, Task


class Pool(ABC):
    """Workers that carry tasks out, here or elsewhere.

    Parameters
    ----------
    n_jobs : int
        How many tasks are worked on at once.
    shares_disk : bool
        Whether the workers see the caller's store.
    """

    def __init__(self, n_jobs: int, shares_disk: bool):
        self.n_jobs = n_jobs
        self.shares_disk = shares_disk

    @abstractmethod
    def outcomes(self, tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        """Carry tasks out; they are drawn only as fast as they are worked on.

        Parameters
        ----------
        tasks : iterable of Task
            What is to be done.

        Yields
        ------
        Outcome
            Each as it comes, in any order.

        Raises
        ------
        Exception
            Whatever the machinery raises when a worker dies.
        """
