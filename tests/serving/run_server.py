"""What server processes of the tests run: ``run_server.py PACKAGE OPTIONS``, the options as JSON.

``origin`` among them is where a reload looks for the package.
"""

from __future__ import annotations

import json
import sys

from mlpack_serving.server import serve
from mlpack_serving.settings import Settings
from mlpack_serving.trial import Found, handed_over

if __name__ == "__main__":
    options = json.loads(sys.argv[2])
    origin = options.pop("origin", sys.argv[1])
    serve(handed_over() or Found(sys.argv[1], sys.argv[1]), Settings(**options), origin)
