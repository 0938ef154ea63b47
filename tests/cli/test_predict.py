"""``mlpack models predict``: predictions for a file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mlpack.pyfunc
from mlpack.models import infer_signature

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ROWS = pd.DataFrame({"length": [1.0, 8.0, 2.0], "width": [2.0, 7.0, 1.0]})
ANSWERS = [0, 1, 0]

#: A model whose answer shows how many rows it was given at a time, and that fails on a negative length.
COUNTING = """
from mlpack.models import set_model

def predict(model_input):
    if (model_input["length"] < 0).any():
        raise RuntimeError("a negative length")
    return [len(model_input)] * len(model_input)

set_model(predict)
"""


@pytest.fixture(scope="session")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("counting")
    (folder / "counting.py").write_text(COUNTING)
    mlpack.pyfunc.save_model(
        folder / "model", python_model=folder / "counting.py", signature=infer_signature(ROWS), pip_requirements=[]
    )
    return folder / "model"


def written(path: Path, rows: pd.DataFrame = ROWS) -> Path:
    """A file of rows in the format of its suffix."""
    if path.suffix == ".csv":
        rows.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        rows.to_parquet(path)
    elif path.suffix == ".arrow":
        table = pa.Table.from_pandas(rows)
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table)
    else:
        path.write_text(json.dumps({"dataframe_split": rows.to_dict("split")}))
    return path


def read(path: Path) -> list[int]:
    """The predictions in a file."""
    if path.suffix == ".json":
        return list(json.loads(path.read_text())["predictions"])
    if path.suffix == ".csv":
        return list(pd.read_csv(path)["predictions"])
    table = pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_stream(path.read_bytes()).read_all()
    return list(table["predictions"].to_pylist())


FORMATS = ("json", "csv", "parquet", "arrow")


@pytest.mark.parametrize("into", FORMATS)
@pytest.mark.parametrize("of", FORMATS)
def test_formats_are_told_by_their_suffixes(run: Run, saved: Path, tmp_path: Path, of: str, into: str) -> None:
    source, target = written(tmp_path / f"rows.{of}"), tmp_path / f"answers.{into}"
    ran = run("models", "predict", "-m", saved, "-i", source, "-o", target)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert read(target) == ANSWERS


def test_without_files_it_is_json_from_stdin_to_stdout(run_process: Run, saved: Path) -> None:
    ran = run_process("models", "predict", "-m", saved, stdin='{"inputs": [{"length": 8, "width": 7}]}')
    assert (ran.code, ran.out, ran.err) == (0, '{"predictions":[1]}\n', "")


def test_options_say_what_no_suffix_says(run_process: Run, saved: Path) -> None:
    words = ("-t", "csv", "--output-type", "csv", "-i", "-", "-o", "-")
    ran = run_process("models", "predict", "-m", saved, *words, stdin="width,length\n2,1\n7,8\n")
    assert (ran.code, ran.out) == (0, "predictions\n0\n1\n")


@pytest.mark.parametrize("of", ["csv", "parquet", "arrow"])
def test_rows_are_predicted_in_chunks(run: Run, counting: Path, tmp_path: Path, of: str) -> None:
    source, target = written(tmp_path / f"rows.{of}"), tmp_path / "answers.json"
    assert run("models", "predict", "-m", counting, "-i", source, "-o", target, "--chunk-rows", 2).code == 0
    assert read(target) == [2, 2, 1]


def test_a_model_that_may_look_at_other_rows_gets_all_at_once(run: Run, counting: Path, tmp_path: Path) -> None:
    many = pd.DataFrame({"length": [1.0] * 20_001, "width": [1.0] * 20_001})
    source, target = written(tmp_path / "rows.csv", many), tmp_path / "answers.csv"
    assert run("models", "predict", "-m", counting, "-i", source, "-o", target).code == 0
    assert set(read(target)) == {20_001}


def test_answers_flow_before_the_input_has_ended(saved: Path) -> None:
    words = ["models", "predict", "-m", str(saved), "-t", "csv", "--output-type", "csv", "--chunk-rows", "500"]
    command = [sys.executable, "-m", "mlpack", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdin.write(b"length,width\n" + b"8,7\n" * 50_000)
        process.stdin.flush()
        assert process.stdout.read(14) == b"predictions\n1\n"
        process.stdin.close()
        assert len(process.stdout.read()) == 2 * 49_999


def test_what_was_there_stays_where_a_later_chunk_fails(run: Run, counting: Path, tmp_path: Path) -> None:
    source = written(tmp_path / "rows.csv", pd.DataFrame({"length": [1.0, 2.0, -1.0], "width": [1.0, 2.0, 3.0]}))
    target = tmp_path / "answers.csv"
    target.write_text("older\n")
    ran = run("models", "predict", "-m", counting, "-i", source, "-o", target, "--chunk-rows", 1)
    assert ran.code == 1
    assert "\nERROR in rows 2 to 2: the model raised RuntimeError: a negative length\nTIP " in ran.err
    assert target.read_text() == "older\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".answers.csv.partial", "answers.csv", "rows.csv"]


def test_nothing_is_left_where_the_first_chunk_fails(run: Run, counting: Path, tmp_path: Path) -> None:
    source = written(tmp_path / "rows.csv", pd.DataFrame({"length": [-1.0, 2.0], "width": [1.0, 2.0]}))
    ran = run("models", "predict", "-m", counting, "-i", source, "-o", tmp_path / "answers.csv", "--chunk-rows", 1)
    assert ran.err.startswith("ERROR in rows 0 to 0: the model raised RuntimeError: a negative length\nTIP ")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_input_that_does_not_fit_is_told_with_its_column_and_chunk(run: Run, saved: Path, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("length,width\n1,2\n1,2\nlong,2\n")
    ran = run("models", "predict", "-m", saved, "-i", source, "--chunk-rows", 2)
    assert ran.code == 1 and "in rows 2 to 2: 'length' expects double" in ran.err


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupt_is_quiet_and_leaves_nothing_behind(saved: Path, tmp_path: Path) -> None:
    words = ["-m", str(saved), "-t", "csv", "-o", str(tmp_path / "answers.csv"), "--chunk-rows", "500"]
    command = [sys.executable, "-m", "mlpack", "models", "predict", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stderr
        process.stdin.write(b"length,width\n" + b"8,7\n" * 50_000)
        process.stdin.flush()
        while not any(path.stat().st_size for path in tmp_path.iterdir()):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read().strip() == b""
    assert (process.returncode, list(tmp_path.iterdir())) == (130, [])


@pytest.mark.skipif(os.name != "posix", reason="devices of POSIX")
def test_a_device_is_written_to_and_not_replaced(run: Run, saved: Path, tmp_path: Path) -> None:
    assert run("models", "predict", "-m", saved, "-i", written(tmp_path / "rows.csv"), "-o", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("words", [["-i", "absent.csv"], ["-t", "xml"], ["--chunk-rows", "0"], ["-w", "many"]])
def test_options_that_cannot_be_are_a_wrong_call(run: Run, saved: Path, words: list[str]) -> None:
    assert run("models", "predict", "-m", saved, *words).code == 2


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
def test_progress_is_shown_on_a_terminal(saved: Path, tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    words = ["models", "predict", "-m", str(saved), "-i", str(written(tmp_path / "rows.csv")), "--chunk-rows", "1"]
    done = subprocess.run([sys.executable, "-m", "mlpack", *words], stdout=subprocess.PIPE, stderr=theirs, check=True)
    shown = os.read(ours, 1000)
    os.close(theirs)
    os.close(ours)
    assert json.loads(done.stdout) == {"predictions": ANSWERS}
    assert b"predicting" in shown and b"100%" in shown
