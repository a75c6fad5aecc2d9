"""Complex scalars whose real and imaginary parts are expressions.

The circuit is real: complex arithmetic, such as `qml.math.exp(1j * x)` in the
entries of a matrix, is done here, while the circuit is captured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from numbers import Number
from typing import Any

from qeras.capture.errors import CaptureError, value_is_read
from qeras.circuit.expressions import ONE, ZERO, Constant, Expression, call, constant


class Scalar:
    """The complex number `re + i im`; real where `im` is the constant zero."""

    __slots__ = ("im", "re")

    def __init__(self, re: Expression, im: Expression = ZERO) -> None:
        self.re = re
        self.im = ZERO if isinstance(im, Constant) and im.value == 0 else im

    def __repr__(self) -> str:
        return repr(self.re) if self.is_real else f"({self.re!r} + i {self.im!r})"

    @property
    def is_real(self) -> bool:
        """Whether the imaginary part is zero for every value."""
        return self.im is ZERO

    @property
    def is_zero(self) -> bool:
        """Whether the number is the constant zero."""
        return self.is_real and isinstance(self.re, Constant) and self.re.value == 0

    @property
    def value(self) -> complex | float | None:
        """The number, or None where it depends on inputs or weights."""
        if not (isinstance(self.re, Constant) and isinstance(self.im, Constant)):
            return None
        return self.re.value if self.is_real else complex(self.re.value, self.im.value)

    def __add__(self, other: Any) -> Scalar:
        other = as_scalar(other)
        return Scalar(call("add", self.re, other.re), call("add", self.im, other.im))

    def __sub__(self, other: Any) -> Scalar:
        other = as_scalar(other)
        return Scalar(call("subtract", self.re, other.re), _minus(self.im, other.im))

    def __neg__(self) -> Scalar:
        return Scalar(call("negative", self.re), call("negative", self.im))

    def __mul__(self, other: Any) -> Scalar:
        other = as_scalar(other)
        if self.is_real and other.is_real:
            return Scalar(call("multiply", self.re, other.re))
        return Scalar(
            _minus(_times(self.re, other.re), _times(self.im, other.im)),
            call("add", _times(self.re, other.im), _times(self.im, other.re)),
        )

    def __truediv__(self, other: Any) -> Scalar:
        other = as_scalar(other)
        if other.is_real:
            im = ZERO if self.is_real else call("divide", self.im, other.re)
            return Scalar(call("divide", self.re, other.re), im)
        return self * conjugate(other) / Scalar(_squared_modulus(other))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rtruediv__(self, other: Any) -> Scalar:
        return as_scalar(other) / self

    def __bool__(self) -> bool:
        if self.value is None:
            raise value_is_read("the truth")
        return bool(self.value)


def as_scalar(value: Any) -> Scalar:
    """A number or a scalar as a scalar.

    Raises:
        CaptureError: for anything else, a string for example.
    """
    if isinstance(value, Scalar):
        return value
    if hasattr(value, "scalars"):  # a symbol in an object array
        return value.scalars.item()
    if not isinstance(value, Number) and not hasattr(value, "__complex__"):
        raise CaptureError(
            f"Expected a number, an input or a weight in the circuit's arithmetic. "
            f"Received: {value!r} of type {type(value).__name__}"
        )
    number = complex(value)
    # the zero parts of 1j and -1j are absent, whatever their sign
    re = ZERO if number.imag and not number.real else constant(number.real)
    return Scalar(re, constant(number.imag) if number.imag else ZERO)


def _minus(a: Expression, b: Expression) -> Expression:
    return call("negative", b) if a is ZERO and b is not ZERO else call("subtract", a, b)


def _times(a: Expression, b: Expression) -> Expression:
    """The product of parts of complex numbers, where a constant zero is no number but an
    absent part."""
    return ZERO if a is ZERO or b is ZERO else call("multiply", a, b)


def times(a: Scalar, b: Scalar) -> Scalar:
    """The product inside of a contraction, where zeros of matrices are structure."""
    return Scalar(ZERO) if a.is_zero or b.is_zero else a * b


def balanced(combine: Callable[[Any, Any], Any], items: Sequence[Any]) -> Any:
    """`items`, at least one, combined in pairs, so that the depth is logarithmic."""
    while len(items) > 1:
        pairs = [combine(a, b) for a, b in zip(items[::2], items[1::2], strict=False)]
        items = [*pairs, *items[len(pairs) * 2 :]]
    return items[0]


def total(items: Iterable[Scalar]) -> Scalar:
    """The sum of scalars, zero for none."""
    terms = [item for item in items if not item.is_zero]
    return balanced(Scalar.__add__, terms) if terms else Scalar(ZERO)


def real_part(scalar: Scalar, where: str) -> Expression:
    """The expression of a real scalar.

    Raises:
        CaptureError: if it has an imaginary part; `where` says what must be real.
    """
    if not scalar.is_real:
        raise CaptureError(
            f"Expected a real number for {where}. Received: {scalar!r}. "
            "Take `qml.math.real(...)` of it if its imaginary part is zero."
        )
    return scalar.re


def real_function(name: str) -> Callable[..., Scalar]:
    """The allow-listed function `name` of the expressions, for real scalars."""

    def apply(*scalars: Scalar) -> Scalar:
        return Scalar(call(name, *(real_part(s, f"{name}(...)") for s in scalars)))

    return apply


def _squared_modulus(z: Scalar) -> Expression:
    return call("add", call("square", z.re), call("square", z.im))


def conjugate(z: Scalar) -> Scalar:
    """The complex conjugate."""
    return z if z.is_real else Scalar(z.re, call("negative", z.im))


def real(z: Scalar) -> Scalar:
    """The real part."""
    return Scalar(z.re)


def imag(z: Scalar) -> Scalar:
    """The imaginary part."""
    return Scalar(z.im)


def angle(z: Scalar) -> Scalar:
    """The argument, in radians."""
    return Scalar(call("arctan2", z.im, z.re))


def absolute(z: Scalar) -> Scalar:
    """The modulus."""
    if z.is_real:
        return Scalar(call("absolute", z.re))
    return Scalar(call("sqrt", _squared_modulus(z)))


def square(z: Scalar) -> Scalar:
    """The square."""
    return Scalar(call("square", z.re)) if z.is_real else z * z


def exp(z: Scalar) -> Scalar:
    """The exponential, also of complex numbers."""
    if z.is_real:
        return Scalar(call("exp", z.re))
    phase = Scalar(call("cos", z.im), call("sin", z.im))
    return phase if isinstance(z.re, Constant) and z.re.value == 0 else exp(real(z)) * phase


def log(z: Scalar) -> Scalar:
    """The natural logarithm, also of complex numbers."""
    if z.is_real:
        return Scalar(call("log", z.re))
    return Scalar(call("log", absolute(z).re), angle(z).re)


def sqrt(z: Scalar) -> Scalar:
    """The square root, the principal one for complex numbers."""
    if z.is_real:
        return Scalar(call("sqrt", z.re))
    return exp(log(z) * 0.5)


def power(base: Scalar, exponent: Scalar) -> Scalar:
    """`base` to the `exponent`; of a complex base by multiplication or by its logarithm."""
    if base.is_real and exponent.is_real:
        if exponent.value == 2:
            return square(base)
        return Scalar(call("power", base.re, exponent.re))
    value = exponent.value
    if isinstance(value, float) and value.is_integer() and abs(value) <= 64:
        factors = [base] * int(abs(value))
        result = balanced(Scalar.__mul__, factors) if factors else Scalar(ONE)
        return result if value >= 0 else Scalar(ONE) / result
    return exp(log(base) * exponent)


def equal(a: Scalar, b: Scalar) -> Scalar:
    """1 where the numbers are equal, else 0."""
    same = call("equal", a.re, b.re)
    if a.is_real and b.is_real:
        return Scalar(same)
    return Scalar(call("multiply", same, call("equal", a.im, b.im)))


def where(condition: Scalar, a: Scalar, b: Scalar) -> Scalar:
    """`a` where the condition holds, else `b`."""
    value = condition.value
    if value is not None:
        return a if value else b
    truth = real_part(condition, "the condition of where")
    im = ZERO if a.is_real and b.is_real else call("where", truth, a.im, b.im)
    return Scalar(call("where", truth, a.re, b.re), im)


def truth(z: Scalar) -> Scalar:
    """1 where the number is not zero, else 0."""
    return Scalar(call("subtract", ONE, equal(z, Scalar(ZERO)).re))


def nan_unless(condition: Expression) -> Expression:
    """0 where the condition holds, else nan, for values that cannot be an error once the
    circuit runs. It is no constant nan, which no document can hold."""
    return call("log", call("where", condition, ONE, constant(-1.0)))
