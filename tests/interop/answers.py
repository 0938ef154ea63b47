"""An HTTP answer, and what is expected of one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.interop.likeness import View, alike

OK, BAD = 200, 400
LONGEST_MESSAGE = 1024
CLIENT_CODES = {"BAD_REQUEST", "INVALID_PARAMETER_VALUE"}


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    content_type: str
    text: str

    def value(self) -> Any:
        """The body; NaN and infinities, which MLflow writes though JSON has no such words, are null."""
        try:
            return json.loads(self.text, parse_constant=lambda word: None)
        except ValueError:
            return self.text

    def strict(self) -> Any:
        """The body, which has to be JSON by its standard."""
        return json.loads(self.text, parse_constant=_refuse)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


@dataclass(frozen=True)
class Expected:
    """A status, and of a good answer the value of its body."""

    status: int
    value: Any = None

    def met_by(self, answer: Answer, view: View) -> bool:
        """Whether the answer is this one; an error has to be JSON with a code and a message, and no more than that."""
        if answer.status != self.status:
            return False
        if self.status == OK:
            return alike(view(self.value), view(answer.strict() if answer.text.strip() else answer.text))
        body = answer.strict()
        return (
            answer.content_type == "application/json"
            and body.keys() == {"error_code", "message"}
            and (self.status != BAD or body["error_code"] in CLIENT_CODES)
            and 0 < len(body["message"].encode()) <= LONGEST_MESSAGE
            and "Traceback" not in body["message"]
        )


REFUSED = Expected(BAD)
