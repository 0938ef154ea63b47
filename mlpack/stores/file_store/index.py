"""What many meta.yaml files say, remembered in one file of ours in the store. The files stay the truth.

An entry counts only while its file has the same inode, size and times; what is missing, stale or broken is read anew.
The index is written only where more than a few files had to be read, so that small stores have none.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from mlpack.stores.file_store.disk import META, read_meta, told

FILE = ".mlpack-index-1.sqlite"
WORTHWHILE = 50
#: A file that changes twice within a tick of the clock may look the same: one that is this young is not remembered.
SETTLED_NS = 2 * 10**9
_TABLE = (
    "CREATE TABLE IF NOT EXISTS meta (folder TEXT, name TEXT, stamp TEXT, body TEXT, PRIMARY KEY (folder, name))"
    " WITHOUT ROWID"
)

Meta = dict[str, Any]
T = TypeVar("T")


class Index:
    """The meta.yaml files below the root of a store."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def children(self, folder: Path, *, holding: str = "") -> dict[str, Meta]:
        """What the meta.yaml of each folder in ``folder`` says, by the folder's name, where there is one.

        Of many, those with a value that holds a word of plain letters are found sooner than all.
        """
        key = folder.relative_to(self._root).as_posix()
        known = self._remembered(key)
        found: dict[str, Meta] = {}
        fresh: list[tuple[str, str, str, str]] = []
        for name, stamp in _stamps(folder):
            old_stamp, body = known.pop(name, ("", ""))
            if stamp and stamp == old_stamp:
                if holding in body:
                    found[name] = json.loads(body)
                continue
            meta = read_meta(folder / name)
            if meta is not None:
                body = json.dumps(meta, default=str)
                if holding in body:
                    found[name] = meta
                if stamp:
                    fresh.append((key, name, stamp, body))
        if len(fresh) + len(known) >= WORTHWHILE:
            self._remember(fresh, gone=[(key, name) for name in known])
        return found

    def _remembered(self, key: str) -> dict[str, tuple[str, str]]:
        def select(database: sqlite3.Connection) -> list[tuple[str, str, str]]:
            return database.execute("SELECT name, stamp, body FROM meta WHERE folder = ?", (key,)).fetchall()

        rows = self._with_database(select) if (self._root / FILE).is_file() else None
        return {name: (stamp, body) for name, stamp, body in rows or ()}

    def _remember(self, fresh: list[tuple[str, str, str, str]], gone: list[tuple[str, str]]) -> None:
        def write(database: sqlite3.Connection) -> None:
            database.execute("PRAGMA synchronous = OFF")  # it can be made anew
            with database:
                database.execute(_TABLE)
                database.executemany("DELETE FROM meta WHERE folder = ? AND name = ?", gone)
                database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?, ?, ?)", fresh)

        self._with_database(write)

    def _with_database(self, use: Callable[[sqlite3.Connection], T]) -> T | None:
        """What ``use`` makes of it. What goes wrong costs time only: a broken one is removed, a busy one left alone."""
        try:
            with contextlib.closing(sqlite3.connect(self._root / FILE, timeout=1)) as database:
                return use(database)
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError:
            with contextlib.suppress(OSError):
                (self._root / FILE).unlink()
            return None


def _stamps(folder: Path) -> Iterator[tuple[str, str]]:
    """The folders in ``folder`` that hold a meta.yaml, and by what to know it again: empty where it is too young."""
    if not folder.is_dir():
        return
    now = time.time_ns()
    with told(folder), os.scandir(folder) as entries:
        for entry in entries:
            try:
                status = os.stat(f"{entry.path}{os.sep}{META}")  # noqa: PTH116 - a Path costs more than the call
            except (FileNotFoundError, NotADirectoryError):
                continue
            young = now - max(status.st_mtime_ns, status.st_ctime_ns) < SETTLED_NS
            stamp = f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
            yield entry.name, "" if young else stamp
