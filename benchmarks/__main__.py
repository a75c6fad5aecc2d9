"""Runs the benchmark.

    python -m benchmarks                       everything; writes docs/benchmarks.md
    python -m benchmarks --only 12q --peers qeras-jax tfq --quick
    python -m benchmarks --report              writes the page from the results so far
    python -m benchmarks --small               shows in minutes that every peer runs and agrees

The page takes, for each workload, the last session that was not a quick one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import session, summary, targets
from benchmarks.environments import ROOT
from benchmarks.peers import PEERS
from benchmarks.report import page, section
from benchmarks.report import targets as targets_text
from benchmarks.workloads import WORKLOADS

RESULTS = ROOT / "benchmarks" / "results.jsonl"
PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    arguments = _parser().parse_args()
    choice = _choice(arguments)
    if not arguments.report:
        _print_tables(session.run(choice, arguments.results), with_targets=not choice.small)
    if arguments.report or not (arguments.only or arguments.peers or choice.quick):
        _write_page(arguments.results)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--only", nargs="+", choices=WORKLOADS, metavar="WORKLOAD", help=", ".join(WORKLOADS))
    add("--peers", nargs="+", choices=PEERS, metavar="PEER", help=", ".join(PEERS))
    add("--quick", action="store_true", help="one short process each")
    add("--small", action="store_true", help="tiny sizes: no figure means anything")
    add("--report", action="store_true", help="measure nothing, write the page")
    add("--repeats", type=int, default=3, help="processes of each peer on a workload")
    add("--seconds", type=float, default=5.0, help="steady training in each process")
    add("--limit", type=float, default=300.0, help="most seconds of a process")
    add("--budget", type=float, default=3 * 3600.0, help="most seconds of the session")
    add("--results", type=Path, default=RESULTS, help="file to append to")
    return parser


def _choice(arguments: argparse.Namespace) -> session.Choice:
    quick = arguments.quick or arguments.small
    longest = 0.3 if arguments.small else 3.0
    return session.Choice(
        workloads=arguments.only or list(WORKLOADS),
        peers=arguments.peers or list(PEERS),
        repeats=1 if quick else arguments.repeats,
        seconds=min(arguments.seconds, longest) if quick else arguments.seconds,
        limit=arguments.limit,
        budget=arguments.budget,
        small=arguments.small,
        quick=quick,
    )


def _print_tables(records: list[session.Record], with_targets: bool) -> None:
    tables = summary.tables(records)
    for table in tables:
        print("\n" + section(table))
    verdicts = targets.verdicts(tables)
    if with_targets and verdicts:
        print(targets_text(verdicts))


def _write_page(results: Path) -> None:
    from benchmarks.plot import draw

    tables = summary.tables(summary.latest(summary.load(results)))
    figure = PAGE.with_suffix(".png")
    draw(tables, figure)
    PAGE.write_text(page(tables, targets.verdicts(tables), figure.name))
    print(f"Wrote {PAGE} and {figure}")


if __name__ == "__main__":
    main()
