"""The application under uvicorn as it comes: no fast lane, and none of our protocol. ``run_uvicorn.py PACKAGE``."""

from __future__ import annotations

import logging
import sys

import uvicorn

from mlpack_serving.server import announce, bind, load_app
from mlpack_serving.settings import Settings

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    settings = Settings(port=0)
    app = load_app(sys.argv[1], settings)
    listener = bind(settings)
    listener.listen()
    config = uvicorn.Config(app, http="httptools", log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    announce(sys.argv[1], listener.getsockname())
    server.run(sockets=[listener])
