import pytest

from prober.domain.exposure import Answer, login_fault, serving_fault, still_serves
from prober.domain.reasons import Reason

SERVING = [200, 204, 301, 302, 400, 401, 403, 429]
NOT_SERVING = {
    404: Reason.HTTP_404_ROUTE,
    410: Reason.HTTP_404_ROUTE,
    500: Reason.HTTP_5XX,
    502: Reason.HTTP_5XX,
    503: Reason.HTTP_5XX,
}


@pytest.mark.parametrize("status", SERVING, ids=str)
def test_an_answer_of_the_session_is_serving(status: int) -> None:
    """Whatever the session itself says, a demand for credentials too, proves that something is there."""
    assert serving_fault(status) is None
    assert still_serves(status)


@pytest.mark.parametrize(("status", "reason"), NOT_SERVING.items(), ids=map(str, NOT_SERVING))
def test_an_answer_of_a_bare_ingress_is_not_serving(status: int, reason: Reason) -> None:
    """A missing route or a gateway's error is what stands where no session is, before its start as after its end."""
    fault = serving_fault(status)
    assert fault is not None
    assert fault.reason is reason
    assert str(status) in fault.summary
    assert not still_serves(status)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, None),
        (302, None),
        (401, Reason.AUTH_REJECTED),
        (403, Reason.AUTH_REJECTED),
        (404, Reason.HTTP_404_ROUTE),
        (429, Reason.FALSE_RUNNING),
        (503, Reason.HTTP_5XX),
    ],
    ids=str,
)
def test_a_login_is_refused_by_401_and_403(status: int, reason: Reason | None) -> None:
    """Once credentials were given, being asked for them again is a refusal."""
    fault = login_fault(status)
    assert (fault and fault.reason) == reason


def test_plain_http_has_no_tls_timing() -> None:
    """A stage that there was not is absent from the timings."""
    plain = Answer(status=200, dns_s=0.1, tcp_s=0.2, first_byte_s=0.3)
    assert plain.timings() == {"dns": 0.1, "tcp": 0.2, "first_byte": 0.3}


def test_the_timings_of_an_answer_are_its_stages() -> None:
    """Over TLS there are four."""
    answer = Answer(status=200, dns_s=0.1, tcp_s=0.2, tls_s=0.3, first_byte_s=0.4)
    assert answer.timings() == {"dns": 0.1, "tcp": 0.2, "tls": 0.3, "first_byte": 0.4}
