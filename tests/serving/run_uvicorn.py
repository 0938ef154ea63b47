"""The application under uvicorn as it comes, without lane or protocol of ours: ``run_uvicorn.py PACKAGE OPTIONS``."""

from __future__ import annotations

import json
import logging
import sys

import uvicorn

from mlpack_serving.access import Access
from mlpack_serving.listening import bind
from mlpack_serving.server import announce, load_app
from mlpack_serving.settings import Settings

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    settings = Settings(**json.loads(sys.argv[2]))
    access = Access(settings)
    app = load_app(sys.argv[1], settings, access)
    listener = bind(settings)
    listener.listen()
    config = uvicorn.Config(app, http="httptools", log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    announce(sys.argv[1], listener.getsockname(), access)
    server.run(sockets=[listener])
