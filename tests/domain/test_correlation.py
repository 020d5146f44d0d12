"""What requests to a session's URL carry."""

import pytest

from prober.domain.correlation import Correlation
from prober.domain.ids import RunId

RUN_ID = RunId("01980000-0000-7000-8000-0000000000ab")


def test_nothing_by_default() -> None:
    """Neither header nor parameter: the URL is opened as the platform wrote it."""
    assert Correlation().headers(RUN_ID) == {}
    assert Correlation().url("https://desk/?a=b", RUN_ID) == "https://desk/?a=b"


def test_a_header_carries_the_run() -> None:
    """Its value is the run's id, by which log, evidence and session are found."""
    assert Correlation(header="X-Probe-Run-Id").headers(RUN_ID) == {"X-Probe-Run-Id": RUN_ID}


@pytest.mark.parametrize("name", ["traceparent", "Traceparent"])
def test_a_trace_is_continued(name: str) -> None:
    """W3C Trace Context: version, trace, parent span, sampled; the ids are those of the run's own trace."""
    value = Correlation(header=name).headers(RUN_ID)[name]
    assert value == "00-019800000000700080000000000000ab-80000000000000ab-01"


@pytest.mark.parametrize(
    ("url", "marked"),
    [
        pytest.param("https://desk/", "https://desk/?run={id}", id="no query"),
        pytest.param(
            "https://desk/?token=a%2Fb+c", "https://desk/?token=a%2Fb+c&run={id}", id="a query is kept as it is"
        ),
        pytest.param("https://desk/?", "https://desk/?run={id}", id="an empty query"),
        pytest.param("https://desk/?a&", "https://desk/?a&run={id}", id="an open query"),
        pytest.param("https://desk/#/view?a=b", "https://desk/?run={id}#/view?a=b", id="a fragment stays behind"),
        pytest.param("https://desk/?run=x#y", "https://desk/?run=x#y", id="taken"),
        pytest.param("https://desk/?a=b&r%75n=x", "https://desk/?a=b&r%75n=x", id="taken in another spelling"),
        pytest.param("https://desk/?trun=x", "https://desk/?trun=x&run={id}", id="another name that ends so"),
    ],
)
def test_a_parameter_is_added(url: str, marked: str) -> None:
    """What the platform wrote stays as it is to the letter, and its own parameter of that name is never replaced."""
    assert Correlation(query="run").url(url, RUN_ID) == marked.format(id=RUN_ID)
