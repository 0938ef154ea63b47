"""``mlpack models predict`` on files larger than a chunk: several processes, and going on after an end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor

import mlpack.pyfunc
import mlpack.sklearn
from mlpack.models import infer_signature
from tests.cli.test_predict import FORMATS, read, written

if TYPE_CHECKING:
    from tests.cli.conftest import Run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks of Linux")

#: Rows whose answers are told apart, in chunks that take some milliseconds each.
ROWS = pd.DataFrame({"length": np.arange(2000.0), "width": np.arange(2000.0) % 7})
CHUNKS = ("--chunk-rows", "50")


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of a forest."""
    model = RandomForestRegressor(30, random_state=0).fit(ROWS, ROWS["length"] * ROWS["width"])
    path = tmp_path_factory.mktemp("forest") / "model"
    mlpack.sklearn.save_model(model, path, input_example=ROWS.head(2))
    return path


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of the rows, with empty lines, which are no rows."""
    path = written(tmp_path_factory.mktemp("rows") / "rows.csv", ROWS)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:75]) + "\n \n" + "".join(lines[75:]))
    return path


def words(package: Path, source: Path, target: Path, *more: str) -> list[str]:
    return ["models", "predict", "-m", str(package), "-i", str(source), "-o", str(target), *CHUNKS, *more]


#: A model of one's own that may be asked in parts; its answers are the processes that give them.
WHO = """
import os
from mlpack.models import set_model
from mlpack.pyfunc import PythonModel

class Who(PythonModel):
    batchable = True

    def predict(self, context, model_input):
        return [os.getpid()] * len(model_input)

set_model(Who())
"""


@contextmanager
def broken_off(command: list[str], target: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in a process that has kept some answers, and is not done."""
    kept = target.with_name(f".{target.name}.partial") / "answers"
    line = [sys.executable, "-m", "mlpack", *command]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        wait_until(lambda: kept.exists() and kept.stat().st_size > 1500)
        yield process


def children(process: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("into", FORMATS)
@pytest.mark.parametrize("of", ["csv", "parquet", "arrow"])
def test_processes_answer_byte_for_byte_as_one_does(run: Run, forest: Path, tmp_path: Path, of: str, into: str) -> None:
    source = written(tmp_path / f"rows.{of}", ROWS.head(500))
    alone, together = tmp_path / f"alone.{into}", tmp_path / f"together.{into}"
    assert run(*words(forest, source, alone, "-w", "1")).code == 0
    assert run(*words(forest, source, together, "-w", "3")).code == 0
    assert alone.read_bytes() == together.read_bytes()
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("into", FORMATS)
def test_a_job_that_was_killed_goes_on_to_the_same_bytes(
    run: Run, forest: Path, rows: Path, tmp_path: Path, into: str
) -> None:
    whole, target = tmp_path / f"whole.{into}", tmp_path / f"answers.{into}"
    command = words(forest, rows, target, "-w", "2")
    with broken_off(command, target) as process:
        workers = children(process)
        process.kill()
    wait_until(lambda: gone(workers))
    assert len(workers) == 2 and not target.exists()
    again = run(*command)
    assert (again.code, bool(re.match("going on after [0-9]+ rows that", again.err))) == (0, True)
    assert run(*words(forest, rows, whole, "-w", "1")).err == ""
    assert target.read_bytes() == whole.read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_what_was_cut_short_at_the_end_is_done_again(run: Run, forest: Path, rows: Path, tmp_path: Path) -> None:
    whole, target = tmp_path / "whole.csv", tmp_path / "answers.csv"
    command = words(forest, rows, target, "-w", "1")
    with broken_off(command, target) as process:
        process.kill()
    kept = tmp_path / ".answers.csv.partial" / "answers"
    os.truncate(kept, kept.stat().st_size - 3)
    assert run(*command).code == run(*words(forest, rows, whole)).code == 0
    assert target.read_bytes() == whole.read_bytes()


def test_an_interrupt_ends_all_processes_and_says_what_is_kept(forest: Path, rows: Path, tmp_path: Path) -> None:
    target = tmp_path / "answers.csv"
    with broken_off(words(forest, rows, target, "-w", "2"), target) as process:
        workers = children(process)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.stderr
        said = process.stderr.read()
    assert process.returncode == 130 and gone(workers) and not target.exists()
    assert re.fullmatch(r"[0-9]+ rows are done and kept in \S+: the same command goes on from there\n+", said)


def test_a_worker_that_dies_is_an_error_that_names_its_rows(forest: Path, rows: Path, tmp_path: Path) -> None:
    target = tmp_path / "answers.csv"
    with broken_off(words(forest, rows, target, "-w", "2"), target) as process:
        workers = children(process)
        os.kill(workers[0], signal.SIGKILL)
        assert process.stderr
        said = process.stderr.read()
    assert process.returncode == 1 and gone(workers) and not target.exists()
    assert re.search(r"^ERROR a worker process ended \(SIGKILL\) while it predicted rows [0-9]+ to [0-9]+$", said, re.M)


def test_a_worker_tells_of_a_bad_row_as_one_process_does(run: Run, forest: Path, tmp_path: Path) -> None:
    source = written(tmp_path / "rows.csv", ROWS.head(200))
    source.write_text(source.read_text().replace("\n160.0,", "\nlong,"))
    for workers in "12":
        ran = run(*words(forest, source, tmp_path / "answers.csv", "-w", workers))
        assert (ran.code, "ERROR in rows 150 to 199: 'length' expects double" in ran.err) == (1, True)
        assert "in row 160" in ran.err


@pytest.mark.parametrize("changed", ["input", "number of rows in a chunk", "model"])
def test_another_job_starts_afresh_and_says_why(
    run: Run, forest: Path, saved: Path, tmp_path: Path, changed: str
) -> None:
    source, target = written(tmp_path / "rows.csv", ROWS.head(100)), tmp_path / "answers.csv"
    source.write_text(source.read_text().replace("\n99.0,", "\nlong,"))
    assert run(*words(forest, source, target)).err.startswith("50 rows are done and kept in ")
    if changed == "input":
        written(source, ROWS.head(100))
    more = ["--chunk-rows", "99"] if changed.startswith("number") else []
    ran = run(*words(saved if changed == "model" else forest, source, target, *more))
    assert ran.err.startswith(f"starting afresh: an earlier run stopped, but it was not of the same {changed}\n")


def test_two_jobs_do_not_write_the_same_output(run: Run, forest: Path, rows: Path, tmp_path: Path) -> None:
    target = tmp_path / "answers.csv"
    command = words(forest, rows, target)
    with broken_off(command, target) as process:
        ran = run(*command)
        process.terminate()
    assert (ran.code, f"{target} is being written by another process" in ran.err) == (2, True)


@pytest.mark.parametrize(("workers", "processes"), [("2", 2), ("auto", 1)])
def test_a_model_of_ones_own_is_loaded_by_each_process_that_is_asked_for(
    run_process: Run, tmp_path: Path, workers: str, processes: int
) -> None:
    (tmp_path / "who.py").write_text(WHO)
    signature = infer_signature(ROWS)
    mlpack.pyfunc.save_model(
        tmp_path / "model", python_model=tmp_path / "who.py", signature=signature, pip_requirements=[]
    )
    source, target = written(tmp_path / "rows.csv", ROWS.head(400)), tmp_path / "answers.csv"
    ran = run_process(*words(tmp_path / "model", source, target, "-w", workers))
    assert (ran.code, ran.err) == (0, "")
    assert len(set(read(target))) == processes


def test_memory_does_not_grow_with_the_input(saved: Path, tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        source = tmp_path / f"{rows}.csv"
        source.write_text("length,width\n" + "".join(f"{row},{row % 7}.25\n" for row in range(rows)))
        command = words(saved, source, tmp_path / "answers.csv", "--chunk-rows", "2000", "-w", "2")
        process = subprocess.Popen([sys.executable, "-m", "mlpack", *command])
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert (process.returncode, len((tmp_path / "answers.csv").read_text().splitlines())) == (0, rows + 1)
        return int(used.ru_maxrss)

    assert peak(200_000) < peak(10_000) + 4_000  # KiB; as columns of text the larger file takes five times that
