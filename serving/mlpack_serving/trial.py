"""A package tried before it is served: found, loaded and asked its own example, in a process of its own.

``python -m mlpack_serving.trial URI [FOLDER ...]`` writes its :class:`Found` as JSON. What is in one of the
folders is known already, and not tried again.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import threading
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from mlpack.errors import MlpackError, first_line

#: How far numbers may be from the stored answer: other processors and libraries round differently.
_RELATIVE, _ABSOLUTE = 1e-4, 1e-6
#: The variable that tells a server which starts itself anew what was tried.
TRIED = "MLPACK_TRIED"


@dataclass(frozen=True)
class Found:
    """A package: the URI that names it for good, its folder, and why it must not be served.

    Each is empty where it is not known; a reason, where there is none.
    """

    uri: str = ""
    folder: str = ""
    reason: str = ""


def handed_over() -> Found | None:
    """The package that was tried before this process started itself anew, if it did."""
    told = os.environ.pop(TRIED, None)
    return None if told is None else Found(**json.loads(told))


def tried(uri: str, known: Collection[str] = ()) -> Found:
    """Find a package, load it, and have it predict on its example."""
    from mlpack.stores import pinned, resolve

    named = folder = ""
    try:
        named = str(pinned(uri))
        folder = str(resolve(named))
        return Found(named, folder, "" if folder in known else _fault(folder))
    except BaseException as error:  # noqa: BLE001  whatever a package does when it is loaded speaks against it
        return Found(named, folder, reason_of(error))


def reason_of(error: BaseException) -> str:
    """Why a package cannot be served, as the error says it that loading or asking it raised."""
    if isinstance(error, MlpackError):
        return f"{error}; {error.tip}" if error.tip else str(error)
    return f"{type(error).__name__}: {first_line(error)}"


def _fault(folder: str) -> str:
    """What is wrong with the answer to the example; raises what loading and predicting raise."""
    from mlpack.payloads import JSON
    from mlpack.pyfunc import load_model
    from mlpack_serving.exchange import Run
    from mlpack_serving.scoring import Answer, Request, Scorer
    from mlpack_serving.settings import Settings

    model = load_model(folder)
    example = model.serving_example()
    if example is None:
        return ""
    answer = Scorer(model, Settings()).answer(Request(example, JSON), Run())
    expected = model.serving_answer()
    if expected is None or not isinstance(answer, Answer) or alike(json.loads(answer.body), json.loads(expected)):
        return ""
    return "it answers its example otherwise than when it was saved"


def alike(answer: Any, expected: Any) -> bool:
    """Whether two values of JSON are the same, but for how numbers are rounded."""
    if isinstance(answer, dict) and isinstance(expected, dict):
        return answer.keys() == expected.keys() and all(alike(answer[key], expected[key]) for key in answer)
    if isinstance(answer, list) and isinstance(expected, list):
        return len(answer) == len(expected) and all(map(alike, answer, expected))
    if isinstance(answer, float) and isinstance(expected, float):
        return math.isclose(answer, expected, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    return bool(answer == expected)


def main() -> None:
    """Try what the command line names, until who asked is gone."""
    told = os.dup(1)
    os.dup2(2, 1)  # what a model prints is for the log
    threading.Thread(target=_end_with_who_asked, daemon=True).start()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    uri, *known = sys.argv[1:]
    os.write(told, json.dumps(asdict(tried(uri, known))).encode())
    os._exit(0)  # a thread of the model's must not keep it


def _end_with_who_asked() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
