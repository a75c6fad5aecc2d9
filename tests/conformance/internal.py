"""Classes without an example, and why."""

from __future__ import annotations

import pennylane as qml
from pennylane import measurements, operation, ops

BASE = "a base class"
INTERNAL: dict[type, str] = {
    operation.Operator: BASE,
    operation.Operation: BASE,
    operation.StatePrepBase: BASE,
    operation.CVOperation: BASE,
    operation.CVObservable: BASE,
    operation.Channel: BASE,
    ops.op_math.CompositeOp: BASE,
    ops.op_math.SymbolicOp: BASE,
    ops.op_math.ScalarSymbolicOp: BASE,
    qml.resource.ErrorOperation: BASE,
    qml.resource.ResourcesOperation: BASE,
    measurements.MeasurementProcess: BASE,
    measurements.StateMeasurement: BASE,
    measurements.SampleMeasurement: BASE,
    measurements.MeasurementTransform: BASE,
    measurements.NullMeasurement: "a placeholder of PennyLane's for a result that nobody reads",
    qml.qcut.MeasureNode: "a place in a circuit that `qml.cut_circuit` cuts",
    qml.qcut.PrepareNode: "a place in a circuit that `qml.cut_circuit` cuts",
    qml.templates.core.CollectedSubroutine: "what PennyLane's capture keeps of a subroutine",
    qml.estimator.FirstQuantization: "an estimate of costs, not a gate of a circuit",
    qml.estimator.DoubleFactorization: "an estimate of costs, not a gate of a circuit",
    qml.FromBloq: "made of a bloq of Qualtran, which PennyLane does not install",
}
