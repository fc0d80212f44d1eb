"""`python -m tests.slow.simulation [--break NAME] SEED | FROM:TO`: simulate, and name what broke.

With one seed all that happened is told. The clocks are replaced first, as some modules remember them when imported.
"""

import os
import sys
from importlib import import_module

from tests.slow.simulation import virtual_time

if os.environ.get("PYTHONHASHSEED") != "0":
    # The order of sets is part of what a seed decides.
    again = [sys.executable, "-m", "tests.slow.simulation", *sys.argv[1:]]
    os.execve(sys.executable, again, os.environ | {"PYTHONHASHSEED": "0"})

os.environ["PULSE_ENV"] = "test"
virtual_time.replace_clocks()
import_module("tests.slow.simulation.run").main(sys.argv[1:])
