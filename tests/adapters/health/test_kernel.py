"""What kernels tell, each in its own files."""

from pathlib import Path

import pytest

from prober.adapters.health.kernel import Kernel

PRESSURE = "some avg10=1.00 avg60=0.00 avg300=0.00 total={}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    """One that tells nothing until a test writes its files."""
    return Kernel(control_group=tmp_path / "cgroup", proc=tmp_path / "proc", disk=tmp_path)


def test_a_kernel_that_tells_nothing(kernel: Kernel) -> None:
    """What has no file is absent, not zero."""
    reading = kernel.read()
    assert (reading.cpu_some_s, reading.memory_some_s, reading.throttled_s, reading.load) == (None,) * 4
    assert reading.disk_free_ratio is not None
    assert 0 <= reading.disk_free_ratio <= 1


def test_pressure_of_the_control_group_comes_first(kernel: Kernel) -> None:
    """A Pod's own pressure is read before the machine's, in seconds."""
    _write(kernel.proc / "pressure" / "cpu", PRESSURE.format(9_000_000))
    assert kernel.read().cpu_some_s == 9.0
    _write(kernel.control_group / "cpu.pressure", PRESSURE.format(2_500_000))
    assert kernel.read().cpu_some_s == 2.5


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("cpu.stat", "throttled_usec 1500000"),
        ("cpu/cpu.stat", "throttled_time 1500000000"),
        ("cpu,cpuacct/cpu.stat", "throttled_time 1500000000"),
    ],
    ids=["version 2", "version 1", "version 1, joined"],
)
def test_throttling_is_read_from_both_versions(kernel: Kernel, path: str, line: str) -> None:
    """Micro- and nanoseconds both become seconds."""
    _write(kernel.control_group / path, f"nr_periods 10\nnr_throttled 3\n{line}\n")
    assert kernel.read().throttled_s == 1.5


def test_load_is_for_each_cpu(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tasks of the moment are divided by the CPUs."""
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    _write(kernel.proc / "loadavg", "0.10 0.20 0.30 5/123 4567\n")
    assert kernel.read().load == 2.5


def test_a_disk_that_is_gone(tmp_path: Path) -> None:
    """It has no free share."""
    assert Kernel(disk=tmp_path / "gone").read().disk_free_ratio is None


def test_garbage_is_nothing(kernel: Kernel) -> None:
    """A file of another shape, as future kernels may have, is absent."""
    _write(kernel.proc / "pressure" / "memory", "what\n")
    _write(kernel.proc / "loadavg", "what\n")
    assert kernel.read().memory_some_s is None
    assert kernel.read().load is None
