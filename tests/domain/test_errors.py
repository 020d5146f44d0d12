import pytest

from prober.domain.errors import Fault, ProbeError, ProberFailed, TargetFailed, failed
from prober.domain.reasons import Layer, Reason


@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_the_layer_decides_whom_the_exception_blames(reason: Reason) -> None:
    """Only faults of our own layer make our own exception."""
    error = failed(Fault(reason=reason, summary="it broke"))
    assert type(error) is (ProberFailed if reason.layer is Layer.PROBER else TargetFailed)
    assert error.fault.layer is reason.layer


def test_an_error_says_its_fault() -> None:
    """The exception's text is the reason with its sentence."""
    error = TargetFailed.because(Reason.DNS, "no such host")
    assert str(error) == "dns: no such host"
    assert isinstance(error, ProbeError)
