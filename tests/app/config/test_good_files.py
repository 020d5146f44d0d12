"""Good configurations are files too; what they mean is held here."""

from dataclasses import replace
from pathlib import Path

import pytest

from prober.adapters.kubernetes.resources import KASM, Platform, Resource, ResourceName, StatusPaths
from prober.app.config.durations import parse_duration
from prober.app.config.load import load
from prober.app.config.settings import (
    BrowserSetting,
    ClusterSetting,
    EvidenceSetting,
    HistorySetting,
    Sandbox,
    Settings,
    TracingSetting,
    WebSetting,
)
from prober.domain.checks import CheckPlan, Interruption, ReconnectPlan
from prober.domain.client import CLIENTS, Client, Gesture, GestureKind, Region, Stimulus
from prober.domain.correlation import Correlation
from prober.domain.evidence import EvidencePlan, LeaseName, Source
from prober.domain.ids import ClusterName, TargetName
from prober.domain.keeping import KeepPlan
from prober.domain.objectives import Objectives, StartTime
from prober.domain.retention import Limits
from prober.domain.steps import Budgets, StepName
from prober.domain.target import (
    BasicAccess,
    InputPlan,
    OpenAccess,
    Schedule,
    SecretRef,
    SecretSource,
    SessionTemplate,
    StreamPlan,
    Target,
    UrlRules,
)
from prober.domain.thresholds import Limit, Thresholds
from prober.domain.transport import NetworkPolicy, Transport
from tests.app.config.plain import GOOD


def _load(name: str, **environ: str) -> Settings:
    return load(GOOD / f"{name}.yaml", environ=environ)


def test_the_contract_s_example() -> None:
    """The example of the contract loads as printed, with the contract's defaults for all that it leaves out."""
    settings = _load("design")
    (setting,) = settings.targets
    assert setting.schedule == Schedule(every_s=300, jitter_s=30)
    assert setting.target == Target(
        name=TargetName("ubuntu-desktop"),
        session=SessionTemplate(
            cluster=ClusterName("staging"),
            namespace="vdi",
            user="probe-ubuntu@example.com",
            template="ubuntu-desktop",
            timeout="15m",
        ),
        client=CLIENTS["selkies"],
        access=BasicAccess(
            username="probe",
            password=SecretRef(source=SecretSource.ENV, name="PROBE_PASSWORD"),
        ),
        expected_s={StepName.RUNNING: 60.0, StepName.FIRST_FRAME: 10.0},
    )
    assert settings.web == WebSetting(host="127.0.0.1", port=9464)
    assert settings.clusters == {"staging": ClusterSetting(name=ClusterName("staging"))}
    assert (settings.concurrency, settings.shutdown_grace_s, settings.history) == (2, 120, None)
    assert settings.browser == BrowserSetting(
        executable=None,
        args=(),
        recycle_after_runs=50,
        recycle_after_s=21_600,
        sandbox=Sandbox.AUTO,
    )


def test_every_key_reaches_its_value() -> None:
    """Each key of the file ends up in the value that it is for, in seconds and shares."""
    settings = _load("everything", HOME="/home/probe")
    (setting,) = settings.targets
    assert setting.schedule == Schedule(cron="*/30 7-18 * * mon-fri", jitter_s=90)
    assert setting.target == Target(
        name=TargetName("win-11"),
        session=SessionTemplate(
            cluster=ClusterName("outside"),
            namespace="desktops",
            user="probe-win@example.com",
            template="windows-11.gpu",
            timeout="1h",
            annotations={"example.com/team": "vdi", "lab.vdi-prober.io/fault": "black"},
            overlay={"persistence": {"enabled": False}, "resources": {"gpu": 1}},
        ),
        client=Client(
            name="ours-here",
            recognise="#our-desktop",
            click=("button.start", "button.agree"),
            element="#screen",
            input=(
                Gesture(kind=GestureKind.KEY, text="Control+Alt+t"),
                Gesture(kind=GestureKind.TYPE, text="ls\n"),
            ),
            undo=(Gesture(kind=GestureKind.KEY, text="Control+d"),),
            region=Region.PICTURE,
            stimulus=(Gesture(kind=GestureKind.CIRCLE), Gesture(kind=GestureKind.CLICK)),
        ),
        network=NetworkPolicy.RELAY,
        objectives=Objectives(availability=None, start_time=StartTime(ratio=0.9, within_s=45.0)),
        transport=Transport.WEBRTC_DATA_CHANNEL,
        access=BasicAccess(
            username="probe",
            password=SecretRef(
                source=SecretSource.KUBERNETES_SECRET,
                name="probe",
                key="password",
                namespace="secrets",
                cluster=ClusterName("inside"),
            ),
        ),
        url=UrlRules(schemes=("https", "http"), hosts=("*.vdi.example.com",), verify_tls=False),
        budgets=Budgets(
            create=11,
            running=120,
            url=31,
            login=32,
            connect=16,
            first_frame=33,
            stream=6,
            input=17,
            terminate=34,
            cleanup=61,
        ),
        expected_s=dict(zip(StepName, (1, 30, 2, 3, 4, 5, 22, 6, 7, 8), strict=True)),
        thresholds=Thresholds(
            round_trip_s=Limit(warn=0.05, fail=0.15),
            loss_ratio=Limit(warn=0.005, fail=0.02),
            jitter_s=Limit(warn=0.02, fail=0.1),
            jitter_buffer_s=Limit(warn=0.08, fail=0.3),
            freeze_warn_s=2,
            freeze_fail_ratio=0.2,
            frames_per_second=Limit(warn=30, fail=12.5),
            no_frame_s=4,
            input_s=Limit(warn=0.1, fail=0.2),
            blank_luma=16,
        ),
        stream=StreamPlan(window_s=20, sample_every_s=0.25, settle_s=3, stimulus=Stimulus.CLIENT),
        checks=CheckPlan(
            audio=True,
            least_width=1280,
            least_height=720,
            reconnect=ReconnectPlan(by=Interruption.NETWORK, within_s=20, outage_s=4),
        ),
        input=InputPlan(repetitions=5),
        attempts=2,
        session_cap=3,
        correlation=Correlation(header="X-Probe-Run-Id", query="probe_run_id"),
        keep_children=("PersistentVolumeClaim",),
        evidence=EvidencePlan(
            sources=(Source.PODS, Source.EVENTS),
            secrets=("{session}-credentials",),
            leases=(LeaseName(namespace="vdi-system", name="vdi-operator"),),
        ),
    )
    outside = settings.clusters[ClusterName("outside")]
    assert (outside.kubeconfig, outside.context) == (Path("/home/probe/.kube/config"), "staging")
    assert settings.web == WebSetting(host="::1", port=0)
    assert settings.browser == BrowserSetting(
        executable=str(GOOD / "bin/chromium"),
        args=("--no-zygote",),
        recycle_after_runs=10,
        recycle_after_s=3600,
        sandbox=Sandbox.OFF,
    )
    assert settings.evidence == EvidenceSetting(
        url=f"file://{GOOD}/state/the%20evidence",
        keep=KeepPlan(failures=False, successes=0.05),
        limits=Limits(age_s=36 * 3600, size=3 * 512 * 1024**2, count=50, free=0.2),
        limit_s=30,
    )
    assert (settings.concurrency, settings.instance, settings.shutdown_grace_s) == (4, "probe-eu-1", 180)
    assert settings.tracing == TracingSetting(
        endpoint="https://collector.example.com/otel",
        headers={
            "Authorization": SecretRef(source=SecretSource.ENV, name="OTLP_TOKEN"),
            "X-Tenant": SecretRef(source=SecretSource.FILE, name=str(GOOD / "tenant")),
        },
    )
    assert settings.history == HistorySetting(path=GOOD / "state" / "history.db", age_s=90 * 86_400, count=500)


def test_the_platform_s_shape() -> None:
    """What a cluster's section says of the platform is its shape there; what it leaves out is that of the documents."""
    clusters = _load("platform").clusters
    assert clusters[ClusterName("other")].platform == Platform(
        sessions=Resource(kind="Desktop", plural="desktops", group="desktops.example.com", version="v1"),
        templates=Resource(
            kind="DesktopImage", plural="desktopimages", group="desktops.example.com", version="v1", namespaced=False
        ),
        status=StatusPaths(
            phase=("status", "state", "phase"),
            url=("status", "endpoint"),
            message=("status", "reason"),
            pod_name=("status", "pod"),
        ),
        children=(
            ResourceName(plural="pods"),
            ResourceName(plural="services"),
            ResourceName(plural="configmaps"),
            ResourceName(plural="httproutes", group="gateway.networking.k8s.io"),
        ),
        child_names=("{session}", "home-{session}"),
        session_label="desktops.example.com/name",
    )
    assert clusters[ClusterName("mostly")].platform == replace(KASM, children=(ResourceName(plural="pods"),))
    assert _load("design").clusters[ClusterName("staging")].platform == KASM


def test_a_session_lives_no_longer_than_a_run_may_take() -> None:
    """Without a timeout of its own a session outlives the longest run by a minute or two, in whole minutes."""
    timeouts = {setting.target.name: setting.target.session.timeout for setting in _load("platform").targets}
    longest = {setting.target.name: setting.target.longest_s() for setting in _load("platform").targets}
    for name, timeout in timeouts.items():
        assert 60 <= parse_duration(timeout) - longest[name] < 120
    assert timeouts == {"ubuntu": "6m", "short": "3m"}


def test_relative_paths_begin_at_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kubeconfig and a secret file are found beside the configuration file, wherever the prober was started."""
    monkeypatch.chdir(GOOD)
    settings = load(Path("loopback.yaml"), environ={})
    access = settings.targets[0].target.access
    assert isinstance(access, BasicAccess)
    assert access.password == SecretRef(source=SecretSource.FILE, name=str(GOOD / "state/desktop-password"))
    assert settings.clusters[ClusterName("lab")].kubeconfig == GOOD / "state/kubeconfig"


def test_defaults_lie_under_each_target() -> None:
    """A target's own settings have precedence; a choice replaces a choice; an empty mapping replaces a full one."""
    ubuntu, debian, opened = _load("defaults").targets
    assert ubuntu.schedule == Schedule(every_s=600, jitter_s=10)
    assert ubuntu.target.input is None
    assert debian.schedule == Schedule(cron="0 * * * *", jitter_s=10)
    assert debian.target.session.namespace == "other"
    assert debian.target.budgets == Budgets(running=90, login=20)
    assert debian.target.input == InputPlan()
    assert debian.target.access == BasicAccess(
        username="probe",
        password=SecretRef(source=SecretSource.FILE, name="/run/secrets/debian"),
    )
    assert opened.target.access == OpenAccess()


def test_which_templates_a_target_is_about() -> None:
    """One by name, each that is found, or those with labels; `{template}` is filled in where there is but one."""
    settings = _load("discovery")
    fixed, called_all = (setting.target for setting in settings.targets)
    assert (fixed.session.template, fixed.session.user) == ("ubuntu-desktop", "probe-ubuntu-desktop@example.com")
    assert fixed.session.annotations == {"example.com/about": "ubuntu-desktop"}
    assert isinstance(fixed.access, BasicAccess)
    assert fixed.access.username == "ubuntu-desktop-probe"
    assert (called_all.session.template, called_all.session.user) == ("all", "probe-all@example.com")
    every, twenty, gold = settings.discoveries
    assert (every.pattern.name, every.selector, every.limit) == ("every", "", 10)
    assert every.pattern.session.user == "every-{template}@example.com"
    assert every.pattern.session.annotations == {"example.com/about": "{template}"}
    assert every.schedule == Schedule(every_s=600)
    assert (twenty.selector, twenty.limit) == ("", 20)
    assert (gold.selector, gold.limit) == ("tier=gold,stage in (beta, live),!retired", 10)
    assert [target.name for target in settings.patterns()] == ["fixed", "called-all", "every", "twenty", "gold"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param("stream: {window: 4s, settle: 1s}", id="default under a short window"),
        pytest.param("stream: {window: 4.3s, settle: 1.2s}\n    expect: {no_frame: 3.1s}", id="all that is judged"),
    ],
)
def test_no_frame_fits_the_window(tmp_path: Path, changes: str) -> None:
    """A time without a frame that the file does not set, or that can just pass, is no mistake."""
    path = tmp_path / "prober.yaml"
    text = (GOOD / "loopback.yaml").read_text(encoding="utf-8")
    path.write_text(f"{text}    {changes}\n", encoding="utf-8")
    assert load(path, environ={}).targets


def test_a_cap_that_concurrency_does_not_reach(tmp_path: Path) -> None:
    """A low cap is no mistake where fewer runs than it are under way at once."""
    path = tmp_path / "prober.yaml"
    text = (Path(__file__).parent / "bad/session_cap_too_low.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("concurrency: 4", "concurrency: 1"), encoding="utf-8")
    assert [setting.target.session_cap for setting in load(path, environ={}).targets] == [1, 2, 3, 1]


@pytest.mark.parametrize(
    ("name", "environ", "executable"),
    [
        pytest.param("design", {"PROBER_BROWSER": "/opt/chromium"}, "/opt/chromium", id="from the environment"),
        pytest.param("design", {"PROBER_BROWSER": ""}, None, id="empty variable"),
        pytest.param(
            "everything",
            {"PROBER_BROWSER": "/opt/chromium"},
            str(GOOD / "bin/chromium"),
            id="the file has precedence",
        ),
    ],
)
def test_the_browser_s_executable(name: str, environ: dict[str, str], executable: str | None) -> None:
    """The environment names the browser where the file does not."""
    assert _load(name, **environ).browser.executable == executable


@pytest.mark.parametrize(
    ("hostname", "instance"),
    [
        pytest.param("probe-0.example.com", "probe-0.example.com", id="plain"),
        pytest.param("host_" + "x" * 70, "host_" + "x" * 58, id="longer than a label"),
        pytest.param("Büro", "B-ro", id="other letters"),
        pytest.param("--", "prober", id="nothing left"),
    ],
)
def test_the_instance_is_the_host_by_default(monkeypatch: pytest.MonkeyPatch, hostname: str, instance: str) -> None:
    """A host's name becomes a label value."""
    monkeypatch.setattr("socket.gethostname", lambda: hostname)
    assert _load("design").instance == instance


def test_objectives_by_default() -> None:
    """A target that says nothing of objectives has both: 99 % of runs, 95 % of starts within a minute."""
    (setting,) = _load("design").targets
    assert setting.target.objectives == Objectives(availability=0.99, start_time=StartTime(ratio=0.95, within_s=60.0))


def test_objectives_switched_off() -> None:
    """`null` leaves a target without an objective, also over the defaults of the file."""
    loaded = _load("objectives").targets
    assert [setting.target.objectives for setting in loaded] == [
        Objectives(availability=None, start_time=None),
        Objectives(availability=0.999, start_time=StartTime(ratio=0.95, within_s=30.0)),
    ]
