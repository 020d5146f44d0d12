import pytest

from prober.domain.address import checked_url
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.domain.target import UrlRules

BELOW = UrlRules(hosts=("*.vdi.example.com",))
PLAIN = UrlRules(schemes=("http", "https"))


@pytest.mark.parametrize(
    ("url", "rules"),
    [
        ("https://probe.vdi.example.com/", UrlRules()),
        ("https://probe.vdi.example.com:8443/desktop?x=1#y", BELOW),
        ("https://a.b.vdi.example.com", BELOW),
        ("https://PROBE.VDI.example.com", BELOW),
        ("https://probe.vdi.example.com", UrlRules(hosts=("other.example.com", "*.VDI.example.com"))),
        ("http://127.0.0.1:8080/s/1/", PLAIN),
        ("https://[::1]:8443/", UrlRules(hosts=("::1",))),
        ("https://[::ffff:10.0.0.1]/", UrlRules()),
        ("https://user-name_1.example.com", UrlRules()),
        ("https://probe.vdi.example.com:65535", UrlRules()),
    ],
    ids=[
        "any host",
        "below the wildcard, with port",
        "far below the wildcard",
        "host in capitals",
        "rule in capitals",
        "plain HTTP where allowed",
        "IPv6 by rule",
        "IPv4 in IPv6",
        "odd but sound host",
        "highest port",
    ],
)
def test_an_allowed_url_comes_back_unchanged(url: str, rules: UrlRules) -> None:
    """What the rules allow is opened exactly as the platform spelt it."""
    assert checked_url(url, rules) == url


@pytest.mark.parametrize(
    ("url", "rules", "words"),
    [
        ("http://probe.vdi.example.com", UrlRules(), "schemes https"),
        ("javascript:alert(1)", PLAIN, "schemes http, https"),
        ("file:///etc/passwd", UrlRules(), "schemes"),
        ("probe.vdi.example.com", UrlRules(), "schemes"),
        ("https://", UrlRules(), "no valid host"),
        ("https:///vdi.example.com", UrlRules(), "no valid host"),
        ("https:\\\\vdi.example.com", UrlRules(), "no valid host"),
        ("https://probe.vdi.example.com:0/", UrlRules(), "no valid host"),
        ("https://probe.vdi.example.com:65536/", UrlRules(), "malformed"),
        ("https://probe.vdi.example.com:port/", UrlRules(), "malformed"),
        ("https://[::1/", UrlRules(), "malformed"),
        ("https://evil.example.net", BELOW, "has host 'evil.example.net', allowed: *.vdi.example.com"),
        ("https://vdi.example.com", BELOW, "has host"),
        ("https://vdi.example.com.evil.example.net", BELOW, "has host"),
        ("https://evil.example.net/.vdi.example.com", BELOW, "has host"),
        ("https://evil.example.net\\.vdi.example.com/", BELOW, "no valid host"),
        ("https://evil.example.net%2f.vdi.example.com/", BELOW, "no valid host"),
        ("https://evil.example.net .vdi.example.com/", BELOW, "no valid host"),
        ("https://[::1]/", BELOW, "has host '::1'"),
        ("https://[::1%25eth0]/", UrlRules(), "no valid host"),
    ],
    ids=[
        "plain HTTP",
        "script",
        "file",
        "no scheme",
        "no host",
        "three slashes",
        "backslashes",
        "port 0",
        "port too high",
        "port in words",
        "open bracket",
        "another host",
        "the wildcard's own domain",
        "the domain as a prefix",
        "the domain in the path",
        "a backslash that browsers take for a slash",
        "an escaped slash",
        "a space",
        "IPv6 against names",
        "IPv6 with a zone",
    ],
)
def test_a_url_that_breaks_a_rule_is_rejected(url: str, rules: UrlRules, words: str) -> None:
    """No browser of ours, with its credentials, goes where the rules do not allow it; the fault names the rule."""
    with pytest.raises(TargetFailed) as caught:
        checked_url(url, rules)
    assert caught.value.fault.reason is Reason.URL_REJECTED
    assert words in caught.value.fault.summary


@pytest.mark.parametrize(
    "url",
    [
        "https://probe:hunter2@probe.vdi.example.com/",
        "https://probe@probe.vdi.example.com/",
        "https://:hunter2@probe.vdi.example.com/",
        "https://@probe.vdi.example.com/",
        "https://evil.example.net\\@probe.vdi.example.com/",
        "probe:hunter2@probe.vdi.example.com",
    ],
    ids=["both", "user", "password", "empty user", "a host in disguise", "without a scheme"],
)
def test_user_information_is_rejected_and_never_repeated(url: str) -> None:
    """A URL with credentials is refused in words that hold none of them."""
    with pytest.raises(TargetFailed) as caught:
        checked_url(url, BELOW)
    assert caught.value.fault.reason is Reason.URL_REJECTED
    assert "hunter2" not in str(caught.value)
    assert "probe" not in str(caught.value)
