"""Measure and compare: ``python -m benchmarks [CASE ...] [--seeds 3]``.

Each case's result goes to ``bench_output/CASE.json`` with the machine it was measured
on; the table at the end says which bars were met. The exit code is 1 if one was missed.
"""

from __future__ import annotations

import argparse
import json
import sys

from benchmarks import (
    architectures,
    clicks,
    conduct,
    encoding,
    exploring,
    fewshot,
    front_end,
    journal,
    killing,
    pausing,
    pictures,
    prefix,
    scheduling,
    searching,
    serving,
    similarity,
    strategies,
    tables,
    text,
)
from benchmarks.cases import Case
from benchmarks.machine import machine
from benchmarks.table import OUTPUT, plain

CASES: dict[str, Case] = {
    case.name: case
    for part in (
        text,
        pictures,
        tables,
        encoding,
        serving,
        similarity,
        exploring,
        killing,
        pausing,
        searching,
        scheduling,
        strategies,
        prefix,
        fewshot,
        front_end,
        journal,
        architectures,
        clicks,
        conduct,
    )
    for case in part.CASES
}


def main() -> int:
    """Run the cases asked for, one after another."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each fit (3)")
    asked = parser.parse_args()
    OUTPUT.mkdir(exist_ok=True)
    results = []
    for name in _chosen(asked.cases):
        print(f"{name} ...", file=sys.stderr, flush=True)
        result = {"case": name, "machine": machine(), **CASES[name].measure(asked.seeds)}
        text_form = json.dumps(result, indent=1, ensure_ascii=False)
        (OUTPUT / f"{name}.json").write_text(text_form + "\n", encoding="utf-8")
        print(text_form, flush=True)
        results.append(result)
    print(plain(results))
    return 0 if all(bar["met"] for result in results for bar in result["bars"]) else 1


def _chosen(names: list[str]) -> list[str]:
    """Cases by their names, or by what stands before the dash (r8 is r8-60s, r8-180s ...)."""
    chosen = [case for case in CASES if not names or {case, case.split("-")[0]} & set(names)]
    if unknown := [n for n in names if n not in {*CASES, *(c.split("-")[0] for c in CASES)}]:
        sys.exit(f"No case {', '.join(unknown)}. There are: {', '.join(CASES)}.")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
