"""The rules of a QNode's arguments."""

from __future__ import annotations

import pennylane as qml
import pytest

from qeras.capture import check_signature

SHAPES = {"w": (2,)}


def qnode_of(function):
    return qml.QNode(function, qml.device("default.qubit"))


@pytest.mark.parametrize(
    "function",
    [
        lambda inputs, w: None,
        lambda w, inputs: None,
        lambda w, inputs=None: None,
        lambda inputs, w=1.0: None,
        lambda inputs, *, w: None,
        lambda inputs, **weights: None,
    ],
)
def test_right_signatures(function):
    check_signature(qnode_of(function), SHAPES)


def test_other_input_name():
    check_signature(qnode_of(lambda x, w: None), SHAPES, input_name="x")


@pytest.mark.parametrize(
    ("function", "shapes", "error", "match"),
    [
        (lambda x, w: None, SHAPES, TypeError, r"named 'inputs'.*\['x', 'w'\].*input_arg"),
        (lambda **kw: None, SHAPES, TypeError, r"named 'inputs'.*Received: arguments \[\]"),
        (
            lambda inputs, w: None,
            {"inputs": (3,), "w": (2,)},
            ValueError,
            r"weights only.*weight_shapes\['inputs'\]=\(3,\). Remove it",
        ),
        (
            lambda inputs, w, v: None,
            SHAPES,
            ValueError,
            r"shape for every argument.*without \['v'\]. Add 'v': shape",
        ),
        (
            lambda inputs: None,
            SHAPES,
            ValueError,
            r"arguments of '<lambda>' only, which has \['inputs'\].*with \['w'\]. Remove 'w'",
        ),
        (lambda inputs, *w: None, SHAPES, TypeError, r"have names. Received: \*w"),
        (lambda inputs, w, /: None, SHAPES, TypeError, r"positional-only 'inputs'. Remove the `/`"),
    ],
)
def test_wrong_signatures(function, shapes, error, match):
    with pytest.raises(error, match=match):
        check_signature(qnode_of(function), shapes)
