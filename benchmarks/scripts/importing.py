"""Import a library and print how long it took: ``importing.py NAME``."""

import importlib
import json
import sys
import time

wall, cpu = time.perf_counter(), time.process_time()
importlib.import_module(sys.argv[1])
print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}))
