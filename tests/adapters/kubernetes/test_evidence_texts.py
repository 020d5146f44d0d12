import time

import pytest

from prober.adapters.kubernetes.evidence.texts import LOG_LENGTH, LOG_LINES, log_tail


def test_a_log_is_its_end() -> None:
    """The last lines, the last characters, without colours; whether there was more is told."""
    assert log_tail("\x1b[31mred\x1b[0m\nend\n") == ("red\nend", False)
    lines = [f"line {number}" for number in range(LOG_LINES + 1)]
    assert log_tail("\n".join(lines)) == ("\n".join(lines[1:]), True)
    tail, cut = log_tail("a" * LOG_LENGTH + "end")
    assert (len(tail), tail[-3:], cut) == (LOG_LENGTH, "end", True)
    assert log_tail("") == ("", False)


@pytest.mark.parametrize("line", ["x" * 2000 + "\n", "x", "x\n"], ids=["long lines", "one line", "short lines"])
def test_no_part_of_a_credential_is_left_where_reading_began(line: str) -> None:
    """However much of a log is not read, a key or a value whose name was not read is not in what is kept."""
    for padding in range(16 * 1024 - 30, 16 * 1024):
        text = f"token=marker-secret-0123456789 {line * (padding // len(line))}"[: padding + 31]
        assert "secret" not in log_tail(text)[0]
    key = "-----BEGIN PRIVATE KEY-----\n" + "secret\n" * 3000 + "-----END PRIVATE KEY-----\nend"
    assert "secret" not in log_tail(key)[0]


@pytest.mark.parametrize("piece", ["a", "--", "token", "token=", "\n", "-----END ", "\x1b["])
def test_long_logs_take_little_time(piece: str) -> None:
    """A line of a quarter of a megabyte does not stop the prober, whatever it consists of."""
    text = piece * (256 * 1024 // len(piece))
    begin = time.process_time()
    log_tail(text)
    assert time.process_time() - begin < 0.5
