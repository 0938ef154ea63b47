"""What a job has done so far, kept beside its output, so that the same command goes on where it stopped.

The folder ``.NAME.partial`` has one file: a line of JSON that says which job it is, then the encoded answer to each
chunk of rows, in order, after its length, its rows and a checksum. What was cut short at the end is dropped. The folder
also holds the output while it is written, and is removed when the output is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mlpack.cli.console import say
from mlpack.errors import InvalidArgument
from mlpack.files import lock, whole_file

_ANSWERS = "answers"
_HEAD = struct.Struct(">QQI")  # the bytes of an answer, its rows, its CRC-32


@dataclass(frozen=True)
class Answer:
    """The encoded answer to a chunk of rows."""

    body: bytes
    rows: int
    wrapped: bool = True


#: What gives the answers to the chunks of a job, but for so many at its beginning.
Answers = Callable[[int], Generator[Answer, None, None]]
#: What gives all the answers of a job, of which it may have some.
AnswersOf = Callable[[Answers], Generator[Answer, None, None]]


@contextmanager
def kept_beside(output: Path, job: Mapping[str, object]) -> Iterator[tuple[BinaryIO, AnswersOf]]:
    """A stream that becomes ``output`` when the block ends well, and what takes its answers from an earlier run first.

    ``job`` names everything that the answers depend on. What was kept of another job is given up, and that is said.

    Raises:
        InvalidArgument: another process is at work on the same output.
    """
    folder = output.with_name(f".{output.name}.partial")
    folder.mkdir(mode=0o700, exist_ok=True)
    held = lock(folder)
    if held is None and os.name == "posix":
        raise InvalidArgument(
            f"{output} is being written by another process", tip="wait for it, or name another output"
        )
    kept = None
    try:
        for stale in folder.iterdir():
            if stale.name != _ANSWERS:  # what a process that was killed wrote to
                stale.unlink()
        with (folder / _ANSWERS).open("a+b") as file:
            kept = _Kept(file, job)
            with whole_file(output, part_in=folder) as stream:
                yield stream, kept.answers
        shutil.rmtree(folder)
    except BaseException:
        if kept is None or not kept.rows:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            say(f"{kept.rows} rows are done and kept in {folder}: the same command goes on from there")
        raise
    finally:
        if held is not None:
            os.close(held)


class _Kept:
    """The file of a job: ``rows`` counts those that are answered in it."""

    def __init__(self, file: BinaryIO, job: Mapping[str, object]) -> None:
        self.rows = 0
        self._file = file
        self._job = json.loads(json.dumps(job))

    def answers(self, rest: Answers) -> Generator[Answer, None, None]:
        """The answers that an earlier run gave, then those that ``rest`` gives, which are kept as they come."""
        done = 0
        for answer in self._earlier():
            yield answer
            done += 1
            self.rows += answer.rows
        if done:
            say(f"going on after {self.rows} rows that an earlier run has done")
        with closing(rest(done)) as fresh:
            for answer in fresh:
                self._file.write(_HEAD.pack(len(answer.body), answer.rows, zlib.crc32(answer.body)) + answer.body)
                self._file.flush()
                self.rows += answer.rows
                yield answer

    def _earlier(self) -> Iterator[Answer]:
        """The answers in the file, behind the last of which it ends afterwards; none if they are of another job."""
        self._file.seek(0)
        try:
            earlier = json.loads(self._file.readline() or b"{}")
        except ValueError:
            earlier = {}
        if earlier != self._job:
            if changed := [name for name in self._job if name in earlier and earlier[name] != self._job[name]]:
                say(f"starting afresh: an earlier run stopped, but it was not of the same {', '.join(changed)}")
            self._file.truncate(0)
            self._file.write(json.dumps(self._job).encode() + b"\n")
            self._file.flush()
            return
        size = os.fstat(self._file.fileno()).st_size
        whole = self._file.tell()
        while len(head := self._file.read(_HEAD.size)) == _HEAD.size:
            length, rows, checksum = _HEAD.unpack(head)
            if length > size or zlib.crc32(body := self._file.read(length)) != checksum:
                break
            yield Answer(body, rows)
            whole = self._file.tell()
        self._file.truncate(whole)
