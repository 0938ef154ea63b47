"""What server processes of the tests run: ``run_server.py PACKAGE OPTIONS``, the options as JSON."""

from __future__ import annotations

import json
import sys

from mlpack_serving.server import serve
from mlpack_serving.settings import Settings

if __name__ == "__main__":
    serve(sys.argv[1], Settings(**json.loads(sys.argv[2])))
