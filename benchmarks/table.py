"""Results as tables: plain for the terminal, Markdown for the README.

Lines of cases that bench_output holds no result of stay as they are in the README.

python -m benchmarks.table       # writes the README's figures from bench_output/
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

OUTPUT = Path("bench_output")
README = Path("README.md")
BEGIN, END = "<!-- figures: begin (python -m benchmarks.table) -->\n", "<!-- figures: end -->"


def plain(results: list[dict[str, Any]]) -> str:
    """The bars of all results, one a line, and the references below."""
    lines = ["", f"{'case':18s} {'bar':36s} {'value':>10s}  met"]
    for result in results:
        for bar in result["bars"]:
            met = "yes" if bar["met"] else f"no, by {_figure(bar['missed_by'])}"
            lines.append(
                f"{result['case']:18s} {bar['bar']:36s} {_figure(bar['value']):>10s}  {met}"
            )
        for name, one in result.get("references", {}).items():
            what = f"  {name}, {_figure(one.get('process_s'))} s"
            lines.append(f"{'':18s} {what:36s} {_figure(one.get('score')):>10s}")
        lines += [f"{'':18s} failed: {why}" for why in failures(result)]
    return "\n".join(lines)


def failures(result: dict[str, Any]) -> list[str]:
    """What went wrong in the measuring itself."""
    parts = (result, result.get("values", {}), *result.get("references", {}).values())
    return [str(part["failed"]) for part in parts if "failed" in part]


_FITS = ("| case | asked | automl_nb | whole process | references (whole process) | measured |", 6)
_CONDUCT = ("| conduct | bar | measured | met | when |", 5)


def markdown(results: list[dict[str, Any]], before: str = "") -> str:
    """Two tables, scores and conduct, and the machine they were measured on.

    Args:
        results: Of the cases that were measured now.
        before: What stood there; lines of cases that were not measured now are kept.

    Example:
        >>> old = "| r8-60s | 60 s | 0.9775 | 67 s |  | 2026-11-21, 4ab652a |"
        >>> old in markdown([], old)
        True
    """
    fits = [(r["case"], _row(r)) for r in results if "asked_s" in r and "runs" in r]
    conduct = [(r["case"], line) for r in results if "asked_s" not in r for line in _bars(r)]
    lines = [*_table(_FITS, fits, before), "", *_table(_CONDUCT, conduct, before), ""]
    where = _where(results) if results else next(iter(re.findall("Measured on .*", before)), "")
    return "\n".join([*lines, where, ""])


def _table(head: tuple[str, int], new: list[tuple[str, str]], before: str) -> list[str]:
    """The table's lines in order of their cases, new ones instead of old ones."""
    title, columns = head
    cases = {case for case, _ in new}
    cells = [(line.split("|"), line) for line in before.splitlines() if line.startswith("| ")]
    old = [
        (parts[1].strip(), line)
        for parts, line in cells
        if len(parts) == columns + 2 and line not in {_FITS[0], _CONDUCT[0]}
    ]
    kept = [(case, line) for case, line in old if case not in cases]
    rows = sorted([*new, *kept], key=lambda one: one[0])  # stable: bars stay in their order
    return [title, "|---" * columns + "|", *(line for _, line in rows)]


def _bars(result: dict[str, Any]) -> list[str]:
    return [
        f"| {result['case']} | {bar['bar']} | {_figure(bar['value'])}"
        f" | {'yes' if bar['met'] else 'no'} | {_when(result)} |"
        for bar in result["bars"]
    ]


def _row(result: dict[str, Any]) -> str:
    values, runs = result["values"], result["runs"]
    score = _figure(values["score"])
    if len(runs) > 1:
        spread = f"{_figure(values['score_low'])} to {_figure(values['score_high'])}"
        score += f" ({spread} over {len(runs)} seeds)"
    references = "; ".join(
        f"{name} {_figure(one.get('score'))} ({_figure(one.get('process_s'))} s)"
        for name, one in result["references"].items()
    )
    seconds = _figure(values["process_s"])
    return (
        f"| {result['case']} | {result['asked_s']} s | {score} | {seconds} s"
        f" | {references} | {_when(result)} |"
    )


def _when(result: dict[str, Any]) -> str:
    return f"{result['machine']['taken_at'][:10]}, {result['machine']['commit']}"


def _where(results: list[dict[str, Any]]) -> str:
    facts = results[-1]["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return (
        f"Measured on {facts['cores']} cores"
        f" ({facts['processor']}), {facts['memory_gb']:g} GB, accelerator {facts['accelerator']};"
        f" Python {facts['python']}, {versions}. A case r8-60s asks for 60 seconds; scores are"
        " accuracy, for churn and credit ROC-AUC, for ames the RMSE of the log price."
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def main() -> None:
    """Replace the figures in the README by those in bench_output."""
    results = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(OUTPUT.glob("*.json"))
    ]
    if not results:
        sys.exit("bench_output holds no results; run make bench first.")
    head, begin, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    before, end, tail = rest.partition(END)
    if not (begin and end):
        sys.exit("README.md has no place for the figures.")
    README.write_text(head + begin + markdown(results, before) + end + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
