"""Imports the named modules one by one, so that Python compiles them; what cannot be imported here is no problem.

python -I scripts/setup/import_all.py MODULE...
"""

import importlib
import sys

for name in sys.argv[1:]:
    print(name, flush=True)
    try:
        importlib.import_module(name)
    except Exception as error:
        print(name, error, flush=True)
