"""The rows of the table: one for each class, or each form of a measurement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.conformance.channels import CHANNELS
from tests.conformance.comparing import (
    Outcome,
    exact_outcome_of,
    outcome_of,
    sampled_outcome_of,
)
from tests.conformance.discovery import name_of
from tests.conformance.example import Example
from tests.conformance.gates import GATES, OPERATORS
from tests.conformance.modes import MODE_OBSERVABLES, MODES
from tests.conformance.observables import OBSERVABLES, Observable
from tests.conformance.qutrits import QUTRIT_OBSERVABLES, QUTRITS
from tests.conformance.readings import READINGS, SHOTS, Reading
from tests.conformance.subroutines import SUBROUTINES
from tests.conformance.templates import TEMPLATES

LONGEST = 110  # characters of a remark

Case = Example | Observable | Reading
CASES: Mapping[str, list[Case]] = {
    "Operations on qubits": [*GATES, *OPERATORS],
    "Templates": [*TEMPLATES, *SUBROUTINES],
    "Channels": [*CHANNELS],
    "Observables": [*OBSERVABLES],
    "Measurements": [*READINGS],
    "Qutrits": [*QUTRITS, *QUTRIT_OBSERVABLES],
    "Modes": [*MODES, *MODE_OBSERVABLES],
}
COMPARED = {
    "qnode": "values, gradients",
    "differences": "values, gradients (differences)",
    "": "values",
}


@dataclass(frozen=True)
class Row:
    """A line of a section.

    Attributes:
        name: of the class, or the measurement.
        road: without shots, if the section has both.
        second: what was compared; for observables and measurements the road with shots.
        third: a remark; for measurements the shape of a sample's result.
        remark: of measurements.
    """

    name: str
    road: str
    second: str
    third: str
    remark: str = ""

    def cells(self, columns: int) -> list[str]:
        return [self.name, self.road, self.second, self.third, self.remark][:columns]


def title(case: Case) -> str:
    """What stands in the first column."""
    return f"`{case.name}`" if isinstance(case, Reading) else f"`{name_of(case.kind)}`"


def row_of(case: Case) -> Row:
    """Runs the case."""
    made: dict[type, Callable[..., Row]] = {
        Example: _operation,
        Observable: _observable,
        Reading: _measurement,
    }
    return made[type(case)](case)


def _operation(case: Example) -> Row:
    outcome = outcome_of(case)
    compared = "" if outcome.road == "not possible" else COMPARED[case.gradient]
    remark = "; ".join(part for part in (case.note, shortened(outcome)) if part)
    return Row(title(case), outcome.road, compared, remark)


def _observable(case: Observable) -> Row:
    exact, sampled = outcome_of(case.example()), sampled_outcome_of(case.reading())
    return Row(title(case), exact.road, sampled.road, both(exact, sampled))


def _measurement(case: Reading) -> Row:
    exact, sampled = exact_outcome_of(case), sampled_outcome_of(case)
    shape = str(case.shape).replace(str(SHOTS), "shots")
    return Row(title(case), exact.road, sampled.road, f"`{shape}`", both(exact, sampled))


def both(exact: Outcome, sampled: Outcome) -> str:
    """Remarks on two runs, without shots and with."""
    remarks = (shortened(exact), shortened(sampled))
    return "; ".join(dict.fromkeys(remark for remark in remarks if remark))


def shortened(outcome: Outcome) -> str:
    """The reason as a few words: of a refused circuit what it was refused for, of another error
    its first sentence."""
    text = outcome.why
    if "cannot be captured" in text:
        text = "not captured: " + text.rsplit("Received: ", 1)[-1].removesuffix(")")
    text = text.split(". ")[0].rstrip(".").replace("|", "\\|").replace("<", "&lt;")
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
