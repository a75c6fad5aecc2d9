"""From records to medians, targets, text and a figure."""

from __future__ import annotations

import json

import pytest

from benchmarks import plot, report, summary, targets

MACHINE = {"processor": "an abacus", "cores": "2"}


def record(peer, step_ms, workload="16q", session="2030-01-02T03:04:05", quick=False, **changed):
    return {
        "session": session,
        "quick": quick,
        "machine": MACHINE,
        "workload": workload,
        "peer": peer,
        "outcome": "measured",
        "step_ms": step_ms,
        "first_s": 1.5,
        "peak_mb": 100.0,
        "losses": [0.5, 0.25],
        "versions": {"numpy": "2.0"},
        **changed,
    }


@pytest.fixture
def records():
    return [
        record("pennylane-torch", [50.0]),
        record("qeras-jax", [9.0, 10.0]),
        record("tfq", [40.0], losses=[0.5, 0.27]),
        record("qeras-jax", [11.0, 20.0], first_s=2.5, peak_mb=110.0),
        {**record("original", []), "outcome": "over 300 s"},
    ]


def test_figures_are_medians_over_processes(records):
    (table,) = summary.tables(records)
    figures = table.figures["qeras-jax"]
    assert figures.step_ms == 10.5
    assert figures.spread_ms == (9.75, 13.25)
    assert figures.first_s == 2.0
    assert figures.peak_mb == 110.0


def test_tables_are_in_the_order_of_the_workloads_whatever_ran_last():
    ran = ["16q", "noise", "moons", "8q"]
    found = summary.tables(record("tfq", [1.0], workload) for workload in ran)
    assert [table.workload for table in found] == ["moons", "8q", "16q", "noise"]


def test_losses_are_held_against_the_best_authority(records):
    (table,) = summary.tables(records)
    assert table.authority == "pennylane-torch"
    assert table.figures["qeras-jax"].deviation == 0.0
    assert table.figures["tfq"].deviation == pytest.approx(0.02)


def test_the_report_takes_the_last_session_that_was_not_quick(tmp_path):
    first = record("tfq", [1.0], session="2030-01-01")
    second = record("tfq", [2.0], session="2030-01-02")
    quick = record("tfq", [3.0], session="2030-01-03", quick=True)
    results = tmp_path / "results.jsonl"
    results.write_text("".join(json.dumps(each) + "\n" for each in (first, second, quick)))
    assert summary.latest(summary.load(results)) == [second]


def test_targets_are_ratios_to_the_best_of_the_peers(records):
    found = {
        (verdict.target.metric, verdict.target.others): verdict
        for verdict in targets.verdicts(summary.tables(records))
    }
    step = found["step", ("tfq",)]
    assert step.other == "tfq"
    assert step.allowed == pytest.approx(40 / 3)
    assert step.met
    copies = found["memory", ()]
    assert copies.allowed == pytest.approx(8 * 16 * 2**16 * 8 / 1e6)
    assert not copies.met


def test_depth_is_held_against_the_same_layer_on_few_layers():
    tables = summary.tables(
        [
            record("qeras-jax", [1.0], "depth6", first_s=1.0),
            record("qeras-jax", [1.0], "depth60", first_s=1.4),
        ]
    )
    (verdict,) = targets.verdicts(tables)
    assert verdict.other == "depth6"
    assert verdict.met


def test_the_page_names_machine_versions_ratios_and_who_did_not_run(records):
    tables = summary.tables(records)
    text = report.page(tables, targets.verdicts(tables), "benchmarks.png")
    assert "processor an abacus" in text
    assert "numpy 2.0" in text
    assert "| Qeras on jax | 10.5 | 9.75–13.2 | 2 | 110 | 0e+00 | 1 |" in text
    assert "| TensorFlow Quantum | 40 | 40–40 | 1.5 | 100 | 2e-02 **differs** | 3.81 |" in text
    assert "- the original `qml.qnn.KerasLayer`: over 300 s" in text
    assert "| 16q | jax | step | 13.3 ms a step (1/3 of TensorFlow Quantum) | 10.5 | yes |" in text
    assert "![" in text


def test_the_figure_is_drawn(records, tmp_path):
    path = tmp_path / "figure.png"
    plot.draw(summary.tables(records), path)
    assert path.stat().st_size > 1000
