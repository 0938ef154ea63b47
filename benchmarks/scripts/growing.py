"""A SQLite store with so many versions and runs: the first of each is by MLflow itself, all others are copies of it."""

from __future__ import annotations

import json
import sqlite3
import sys
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus

_, _, FILE, PACKAGE, VERSIONS, RUNS = sys.argv
ALIASED = int(VERSIONS) // 2

client = MlflowClient(f"sqlite:///{FILE}")
run = client.create_run("0").info.run_id
client.set_terminated(run)
model = client.create_logged_model("0", "model", source_run_id=run)
client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
client.create_registered_model("net")
client.create_model_version("net", PACKAGE, run_id=run)
client.set_registered_model_alias("net", "champion", "1")


def copies(table: str, count: int) -> None:
    """Rows like the one of the table, with what numbers them in the place of the first one's."""
    with sqlite3.connect(FILE) as database:
        found = database.execute(f"SELECT * FROM {table}")  # noqa: S608 - names of this script's own
        columns, row = [column[0] for column in found.description], found.fetchone()
        rows = []
        for number in range(2, count + 1):
            run_id, model_id = f"a{number:031x}", f"m-a{number:031x}"
            ids: dict[str, Any] = {"run_uuid": run_id, "run_id": run_id, "source_run_id": run_id, "model_id": model_id}
            ids |= {"version": number, "artifact_location": PACKAGE}
            rows.append([ids.get(column, value) for column, value in zip(columns, row, strict=True)])
        database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", rows)  # noqa: S608


copies("runs", int(RUNS))
copies("logged_models", int(VERSIONS))
copies("model_versions", int(VERSIONS))
with sqlite3.connect(FILE) as database:
    database.execute("UPDATE registered_model_aliases SET version = ?", (ALIASED,))
    database.execute("UPDATE model_versions SET current_stage = 'Production' WHERE version = 2")
print(json.dumps({"versions": int(VERSIONS)}))
