"""Which keys of a section changed, in what order: noted by its database in the transaction of each change.

So whoever writes is seen, also another version of this program, and a change that was not committed is not noted. A
deleted key keeps its last number, so that its end is seen as well.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from diskcache.core import DBNAME

_TRACKED = "SELECT 1 FROM sqlite_master WHERE name = 'Changes_delete'"
_NOTE = "DELETE FROM Changes WHERE key = {0}.key; INSERT INTO Changes (key) VALUES ({0}.key); END;"
_TRACK = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS Changes (number INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB UNIQUE);
INSERT INTO Changes (key) SELECT 'line ' || hex(randomblob(8)) WHERE NOT EXISTS (SELECT 1 FROM Changes);
CREATE TRIGGER IF NOT EXISTS Changes_insert AFTER INSERT ON Cache BEGIN {_NOTE.format("NEW")}
CREATE TRIGGER IF NOT EXISTS Changes_update AFTER UPDATE ON Cache BEGIN {_NOTE.format("NEW")}
CREATE TRIGGER IF NOT EXISTS Changes_delete AFTER DELETE ON Cache BEGIN {_NOTE.format("OLD")}
COMMIT;
"""  # AUTOINCREMENT gives no number twice, though the row with the largest one is deleted when its key changes again
NEWEST = """
SELECT line.key, last.number, last.key FROM Changes line, Changes last
WHERE line.number = 1 AND last.number = (SELECT MAX(number) FROM Changes)
"""
SINCE = """
SELECT Changes.number, Changes.key, mode, filename, value
FROM Changes LEFT JOIN Cache ON Cache.key = Changes.key AND raw = 1 WHERE Changes.number > ? ORDER BY Changes.number
"""
"""What lies now under each key that changed after a number; no mode where nothing does."""
REACHES = "SELECT 1 FROM Changes WHERE key = ? AND number >= ?"
"""Whether a change that was seen is still there, or its key has changed again."""


@dataclass(frozen=True)
class StoreChange:
    """A state of a section: that after its last change.

    Parameters
    ----------
    line : str
        Name of the line of changes, which a database that is begun anew does not share.
    number : int
        Of the change; rises.
    key : str
        What changed.
    """

    line: str
    number: int
    key: str


def track(folder: Path, wait: float) -> None:
    """Have the database of a section note its changes from now on, where it does not yet.

    Parameters
    ----------
    folder : Path
        Folder of the section, with its database.
    wait : float
        Seconds to wait for a lock.

    Raises
    ------
    sqlite3.OperationalError
        Where another process holds the lock, or the disk refuses.
    """
    with closing(sqlite3.connect(folder / DBNAME, timeout=wait, isolation_level=None)) as connection:
        if connection.execute(_TRACKED).fetchone() is None:
            connection.executescript(_TRACK)
