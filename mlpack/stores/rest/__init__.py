"""A running MLflow tracking server, over HTTP."""
