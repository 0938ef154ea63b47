"""``h2o_watch.py PROCESS FOLDER``: a program that ends a server of H2O when the process that started it is gone.

That process holds the other end of the input, which the system closes when it ends, for whatever reason.
"""

import os
import shutil
import signal
import sys
from contextlib import suppress

if __name__ == "__main__":
    sys.stdin.buffer.read()
    with suppress(ProcessLookupError):
        os.kill(int(sys.argv[1]), signal.SIGKILL)
    shutil.rmtree(sys.argv[2], ignore_errors=True)
