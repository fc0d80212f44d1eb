"""Measure how the code reads: names, sizes, loops, cycles. `python -m bench.house` prints and holds the limits.

Only what ships is measured (`bot`, `adapters`, `storage`), and the loop variables of the tests and benchmarks. Each
measure counts what a newcomer stumbles over: a function whose name is no verb, a name with two meanings, a folder that
is a drawer. Exit 1 where a limit is broken.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.house.names import (
    measure_docstrings,
    measure_loops,
    measure_names,
    measure_public_names,
    measure_shadowed,
)
from bench.house.shape import (
    measure_cycles,
    measure_folders,
    measure_forwarders,
    measure_sizes,
    measure_typed,
)
from bench.house.source import BESIDE, Measure, read_modules


def measure_all(root: Path) -> list[Measure]:
    modules = read_modules(root)
    return [
        *measure_names(modules),
        measure_public_names(modules),
        measure_loops([*modules, *read_modules(root, BESIDE)]),
        measure_shadowed(modules),
        measure_docstrings(modules),
        *measure_folders(modules),
        measure_forwarders(modules),
        *measure_sizes(modules),
        measure_typed(modules),
        measure_cycles(modules),
    ]


def main(arguments: Sequence[str]) -> int:
    """Print a line for each measure, with `-v` every place that counts; 1 where a limit is broken."""
    measures = measure_all(Path(next((word for word in arguments if not word.startswith("-")), ".")))
    for measure in measures:
        mark = "ok " if measure.is_kept else "OVER"
        print(
            f"{mark:5}{measure.title:<50}{measure.value:>7.1f}{measure.unit:<2} limit {measure.limit:g}{measure.unit}"
        )
        if "-v" in arguments:
            print(*(f"       {example}" for example in measure.examples), sep="\n")
    return 0 if all(measure.is_kept for measure in measures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
