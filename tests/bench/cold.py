"""A cold ``zhuanban ask`` against a bare program that imports typer, numpy and langchain_chroma."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

BARE = [sys.executable, "-c", "import typer, numpy, langchain_chroma"]
ASK = [sys.executable, "-m", "bot", "ask", "黑加油点归谁管"]
MEASURE = """
import resource, runpy, sys
sys.argv = ["bot", "ask", "黑加油点归谁管"]
try:
    runpy.run_module("bot", run_name="__main__")
except SystemExit:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""
ROUNDS = 9


def run() -> None:
    """Print the median wall times, taken in turn, their ratio, and the peak memory of one ask."""
    times: dict[str, list[float]] = {"bare": [], "ask": []}
    for _ in range(ROUNDS):
        for name, command in (("bare", BARE), ("ask", ASK)):
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - started)
    bare, ask = (statistics.median(times[name]) for name in ("bare", "ask"))
    peak = subprocess.run(
        [sys.executable, "-c", MEASURE], check=True, capture_output=True, text=True
    ).stderr.split()[-1]
    print(
        f"bare {bare:.2f} s, ask {ask:.2f} s, ratio {ask / bare:.2f} (aim 1.5); peak memory of ask {peak} MB (aim 250)"
    )
