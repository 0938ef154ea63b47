"""MLflow's own pages, in a browser without a screen, over a folder that mlpack wrote."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sklearn.dummy import DummyClassifier

import mlpack
from tests.interop.conftest import Mlflow
from tests.interop.environments import MLFLOWS
from tests.interop.tracking import tracking_server

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MODEL = DummyClassifier(strategy="most_frequent").fit([[1.0], [2.0], [3.0]], [0, 1, 1])

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on PATH")


@dataclass(frozen=True)
class Site:
    """MLflow's server over the folder, and what is in that."""

    uri: str
    experiment_id: str
    run_id: str
    model_id: str

    def texts(self, path: str, profile: Path) -> set[str]:
        """What the elements of a page say once its scripts have run."""
        # Wide, because columns that are out of sight are not made.
        options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=3000,1500")
        command = [str(BROWSER), *options, f"--user-data-dir={profile}", "--virtual-time-budget=20000", "--dump-dom"]
        done = subprocess.run([*command, f"{self.uri}/#/{path}"], capture_output=True, text=True, check=True)
        body = re.sub(r"<(script|style)\b.*?</\1>", "", done.stdout, flags=re.DOTALL)
        return {" ".join(html.unescape(text).split()) for text in re.split(r"<[^>]*>", body)}


@pytest.fixture(scope="module")
def site(mlflow: Callable[[str], Mlflow], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    store = (folder / "mlruns").as_uri()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLPACK_TRACKING_URI", store)
        experiment = mlpack.Client().create_experiment("nightly")
        with mlpack.start_run(experiment_id=experiment, run_name="late shift") as run:
            mlpack.log_param("depth", 3)
            mlpack.log_metric("loss", 0.125)
            info = mlpack.sklearn.log_model(MODEL, "net", registered_model_name="shown", pip_requirements=[])
        mlpack.Client().set_registered_model_alias("shown", "champion", 1)
    options = ("--backend-store-uri", store)
    environ = {"MLFLOW_ALLOW_FILE_STORE": "true"}
    with tracking_server(mlflow(next(iter(MLFLOWS))).python, folder, *options, environ=environ) as uri:
        yield Site(uri, experiment, run.info.run_id, str(info.model_id))


#: What each page says of the run and the model.
PAGES = {
    "experiments/{experiment_id}/runs": ["nightly", "late shift", "shown"],
    "experiments/{experiment_id}/runs/{run_id}": ["late shift", "Finished", "loss", "0.125", "depth", "net"],
    "experiments/{experiment_id}/models/{model_id}": ["net", "Ready", "late shift", "shown", "{model_id}"],
    "models/shown": ["shown", "Version 1", "@ champion"],
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_mlflow_shows_what_we_wrote(site: Site, path: str, tmp_path: Path) -> None:
    wanted = {text.format_map(vars(site)) for text in PAGES[path]}
    assert wanted <= site.texts(path.format_map(vars(site)), tmp_path)
