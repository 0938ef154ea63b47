"""The dashboard, the alert rules and the page about metrics name what a server really has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from mlpack_serving.exposition import METRICS
from mlpack_serving.logs import QUIET
from tests.serving.test_metrics import scraped

if TYPE_CHECKING:
    from tests.serving.conftest import StartServer

FOLDER = Path(__file__).parents[2] / "examples" / "observability"
PAGE = Path(__file__).parents[2] / "docs" / "observability.md"
ROW = b'{"dataframe_split": {"columns": ["length", "width"], "data": [[1.0, 2.0]]}}'


def expressions() -> list[str]:
    """Every expression of the dashboard and of the rules."""
    panels = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))["panels"]
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    return [target["expr"] for panel in panels for target in panel["targets"]] + [rule["expr"] for rule in rules]


def test_the_dashboard_and_the_rules_name_only_what_a_server_has(server: StartServer) -> None:
    running = server("flowers")
    running.post(ROW)
    there = {name for name, _ in scraped(running)}
    named = {name for expression in expressions() for name in re.findall(r"mlpack_\w+", expression)}
    assert named and named - there == set()


def test_every_metric_is_on_the_dashboard() -> None:
    panels = (FOLDER / "dashboard.json").read_text("utf-8")
    assert [name for name in METRICS if name not in panels] == []


def test_the_page_has_every_metric_and_its_type() -> None:
    rows = dict(re.findall(r"^\| `(mlpack_\w+)` \| (\w+) \|", PAGE.read_text("utf-8"), re.MULTILINE))
    assert rows == {name: kind for name, (kind, _) in METRICS.items()}


def test_the_page_names_the_quiet_routes() -> None:
    assert [route for route in sorted(QUIET) if f"`{route}`" not in PAGE.read_text("utf-8")] == []


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (Debian: prometheus) is not installed")
def test_prometheus_takes_the_rules_and_its_configuration() -> None:
    command = ["promtool", "check", "config", str(FOLDER / "prometheus.yml")]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "8 rules found" in ran.stdout
