"""The session of Spark that models are read and asked in."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlpack_flavors.java import check_java

_LOG = Path(__file__).with_name("spark_log4j2.properties")
#: Nothing of it can be reached from another machine. Memory is as Spark's own configuration says, 1 GB by default.
_SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": f'-Dlog4j2.configurationFile="{_LOG}"',
}


def open_session(module: Callable[[str], Any]) -> Any:
    """The active session, else a local one with one thread that ends with this process.

    ``module`` imports those of PySpark. Raises MissingFramework where a session must be started and there is no Java.
    """
    sessions = module("pyspark.sql").SparkSession
    active = sessions.getActiveSession()
    if active is not None:
        return active
    check_java("spark")
    session = sessions.builder.master("local[1]").config(map=_SETTINGS).getOrCreate()
    atexit.register(session.stop)
    return session
