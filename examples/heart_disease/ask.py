"""Serve the champion by its name, post a row without gaps and one with many, and stop: ``python ask.py``."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import mlpack

URI = "models:/heart-disease@champion"
STOP_SECONDS = 30


@contextmanager
def serving(uri: str) -> Iterator[str]:
    """Serve a package on a free port, in a process of its own that ends with the block, however that ends."""
    command = ["mlpack", "models", "serve", "-m", uri, "-p", "0"]
    print(f"$ {' '.join(command)}")
    server = subprocess.Popen([sys.executable, "-m", *command], stderr=subprocess.PIPE, text=True)
    try:
        for line in server.stderr or ():
            print(line, end="")
            if found := re.search(r"Serving .* at (http:\S+)", line):
                yield found[1]
                break
        else:
            sys.exit("the server did not start")
    finally:
        server.terminate()
        try:
            server.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            raise
        print(f"\nserver {server.pid} stopped with exit code {server.returncode}")


def ask(url: str, body: str) -> str:
    print(f"\n$ curl {url} -H 'Content-Type: application/json' -d '{body}'")
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def main() -> None:
    patients = mlpack.pyfunc.load_model(URI).input_example
    with serving(URI) as url:
        for number in range(len(patients)):
            row = patients.iloc[[number]].to_json(orient="records")
            print(ask(f"{url}/invocations", f'{{"dataframe_records": {row}}}'))


if __name__ == "__main__":
    main()
