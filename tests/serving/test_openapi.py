"""What the server says of itself is what it does; tests/interop has requests made from what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlpack_serving.access import CONTROL
from mlpack_serving.errors import STATUSES

if TYPE_CHECKING:
    from tests.serving.conftest import Client

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"


def told() -> dict[str, set[str]]:
    """The methods of each route in the table of the page."""
    rows = re.findall(r"^\| (`/[^|]*) \| ([A-Z, ]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {path: set(methods.split(", ")) for paths, methods in rows for path in re.findall("`([^`]+)`", paths)}


def test_the_description_has_the_routes_and_methods_of_the_page(client: Client) -> None:
    paths = client("flowers").get("/openapi.json").json()["paths"]
    assert {path: {method.upper() for method in methods} for path, methods in paths.items()} == {
        path: methods for path, methods in told().items() if not path.startswith(CONTROL)
    }


def test_the_description_is_made_from_the_signature(client: Client) -> None:
    document = client("typed").get("/openapi.json").json()
    forms = document["components"]["schemas"]["Request"]["anyOf"]
    assert [form["required"] for form in forms] == [
        ["dataframe_split"],
        ["dataframe_records"],
        ["instances"],
        ["inputs"],
    ]
    row = forms[1]["properties"]["dataframe_records"]["items"]
    assert row["required"] == ["small", "count", "ratio", "amount", "name", "ok", "when", "raw"]
    assert row["properties"]["count"]["anyOf"][0] == {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
    assert forms[0]["properties"]["params"]["anyOf"][0]["properties"].keys() == {"least", "most", "tags"}


def test_every_error_of_a_prediction_is_in_the_description_and_on_the_page(client: Client) -> None:
    answers: dict[str, Any] = (
        client("flowers").get("/openapi.json").json()["paths"]["/invocations"]["post"]["responses"]
    )
    assert {int(status) for status in answers} == {200, *STATUSES}
    assert set(STATUSES) <= {int(status) for status in re.findall(r"^\| (\d{3}) \|", PAGE.read_text("utf-8"), re.M)}


@pytest.mark.parametrize("name", ["flowers", "talk"])
def test_the_example_of_the_description_is_answered(client: Client, name: str) -> None:
    server = client(name)
    body = server.get("/openapi.json").json()["paths"]["/invocations"]["post"]["requestBody"]["content"]
    example = body["application/json"].get("example")
    assert (example is None) == (name == "talk")
    assert example is None or server.post("/invocations", json=example).status_code == 200
