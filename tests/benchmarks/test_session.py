"""Processes are run in turn, and whatever becomes of one is on record."""

from __future__ import annotations

import json

import pytest

from benchmarks import session
from benchmarks.clock import Clock
from benchmarks.environments import Environment, EnvironmentSetupError
from benchmarks.measure import MOST_STEPS, round_length
from benchmarks.session import Choice

CHOICE = Choice(["8q"], ["reference"], repeats=2, seconds=0.1, limit=60, budget=60, small=True)


def test_a_measurement_in_a_process_of_its_own(tmp_path):
    results = tmp_path / "results.jsonl"
    (record,) = session.run(CHOICE, results)
    assert json.loads(results.read_text()) == record
    assert record["outcome"] == "measured"
    assert record["workload"] == "8q"
    assert len(record["losses"]) >= 4
    assert record["losses"] == sorted(record["losses"], reverse=True)
    assert record["first_s"] > 0
    assert "8q" in session.line(record)


def test_a_refusal_is_on_record(tmp_path):
    choice = Choice(["20q"], ["reference"], repeats=1, seconds=0.1, limit=60, budget=60)
    (record,) = session.run(choice, tmp_path / "results.jsonl")
    assert "no patience for 20q" in record["outcome"]
    assert "no patience for 20q" in session.line(record)


@pytest.fixture
def processes(monkeypatch):
    """Stands in for processes; gives the list of peers that were run."""
    ran: list[str] = []

    def process(peer, workload, interpreter, choice):
        ran.append(peer)
        wall = 2 * session.PATIENCE if peer == "tfq" else 1.0
        outcome = "failed: no such thing" if peer == "original" else "measured"
        return {"outcome": outcome, "wall_s": wall, "step_ms": [1.0], "first_s": 1.0} | {
            "peak_mb": 1.0,
            "losses": [1.0],
        }

    monkeypatch.setattr(session, "_process", process)
    monkeypatch.setattr(session, "_interpreter", lambda peer: "python")
    return ran


def test_peers_take_turns_and_the_slow_and_the_failing_have_one(processes, tmp_path):
    peers = ["qeras-jax", "tfq", "original", "pennylane-jax"]
    choice = Choice(["8q"], peers, repeats=2, seconds=1, limit=60, budget=60)
    session.run(choice, tmp_path / "results.jsonl")
    assert processes == [*peers, "qeras-jax", "pennylane-jax"]


def test_nothing_starts_once_the_budget_is_spent(processes, tmp_path, capsys):
    choice = Choice(["8q"], ["qeras-jax"], repeats=2, seconds=1, limit=60, budget=-1)
    assert session.run(choice, tmp_path / "results.jsonl") == []
    assert "budget of -1 s is spent" in capsys.readouterr().out


def test_an_environment_without_its_python():
    environment = Environment("none", (), python="2.0")
    with pytest.raises(EnvironmentSetupError, match=r"Expected python2\.0 on the path"):
        environment.interpreter()


def test_a_clock_stops_by_rounds_or_by_seconds():
    by_rounds = Clock(rounds=2)
    for _ in range(2):
        assert not by_rounds.done
        by_rounds.start()
        by_rounds.stop(0.5)
    assert by_rounds.done
    assert by_rounds.losses == [0.5, 0.5]
    by_seconds = Clock(rounds=100, seconds=-1, at_least=3, durations=[1.0] * 2, ends=[0.0, 1.0])
    assert not by_seconds.done
    by_seconds.start()
    by_seconds.stop(0.5)
    assert by_seconds.done


@pytest.mark.parametrize(("step", "length"), [(10.0, 1), (0.05, 10), (1e-9, MOST_STEPS)])
def test_rounds_are_as_long_as_steps_are_short(step, length):
    assert round_length(step) == length
