"""Train two models, and build an image of each: ``python build.py [OPTION OF build-docker]...``"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sklearn.datasets import load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mlpack.sklearn

MLPACK = (sys.executable, "-m", "mlpack")
MODELS = {
    "iris": (load_iris, LogisticRegression(max_iter=500)),
    "wine": (load_wine, make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=20, random_state=0))),
}

with TemporaryDirectory() as folder:
    for name, (load, model) in MODELS.items():
        data, target = load(return_X_y=True, as_frame=True)
        package = Path(folder, name)
        mlpack.sklearn.save_model(model.fit(data, target), package, input_example=data.head(2))
        command = [*MLPACK, "models", "build-docker", "-m", str(package), "-n", f"{name}:1", *sys.argv[1:]]
        subprocess.run(command, check=True)
