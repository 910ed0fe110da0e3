"""Run the measurements and print their tables."""

from __future__ import annotations

import importlib
import sys
import time

BENCHES = (
    *("ablation", "latency", "cold", "scale"),
    *("throughput", "fanout", "slowness", "running", "kills", "clients"),
)


def main(names: list[str]) -> int:
    """Run the named measurements (all without a name); a missing package is named and the rest goes on."""
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in names or BENCHES:
        started = time.perf_counter()
        print(f"\n== {name}", flush=True)
        try:
            importlib.import_module(f"tests.bench.{name}").run()
        except ImportError as error:
            print(f"left out: {error}")
        print(f"({time.perf_counter() - started:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
