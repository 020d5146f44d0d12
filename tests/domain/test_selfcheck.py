import pytest

from prober.domain.opened import Opened
from prober.domain.reasons import Layer, Reason
from prober.domain.selfcheck import SelfCheck, SelfCheckStage, codec_fault_of, fault_of


def test_a_check_that_passed_blames_nobody() -> None:
    """A browser that shows what it sent itself is sound."""
    check = SelfCheck(stage=SelfCheckStage.PASSED, took_s=0.1, codecs=("VP8",))
    assert check.passed
    assert fault_of(check) is None


@pytest.mark.parametrize("stage", [stage for stage in SelfCheckStage if stage is not SelfCheckStage.PASSED], ids=str)
def test_every_other_end_is_our_fault(stage: SelfCheckStage) -> None:
    """Whatever the stage, the fault is the prober's and names it; without WebRTC the browser is as good as missing."""
    check = SelfCheck(stage=stage, took_s=2.0, codecs=("VP8", "H264"))
    assert not check.passed
    fault = fault_of(check)
    assert fault is not None
    assert fault.layer is Layer.PROBER
    incapable = stage in {SelfCheckStage.API, SelfCheckStage.CODECS}
    assert fault.reason is (Reason.BROWSER_MISSING if incapable else Reason.DRIVER_ERROR)
    assert stage.text in fault.summary
    assert fault.facts == (
        f"the self-check ended at the stage {stage} after 2.0 s",
        "video codecs that it can receive: VP8, H264",
    )


def test_what_the_browser_said_is_a_fact() -> None:
    """Its own words stand among the facts, and having no codec is said."""
    fault = fault_of(SelfCheck(stage=SelfCheckStage.CODECS, took_s=0.0, detail="none at all"))
    assert fault is not None
    assert "the browser said: none at all" in fault.facts
    assert fault.facts[-1].endswith("none")


@pytest.mark.parametrize(
    ("codecs", "opened", "words"),
    [
        (("VP8",), Opened(offered_codecs=("H264", "H265")), "cannot decode H264, which the desktop offers"),
        (("VP8",), Opened(video_denied=True), "cannot decode H264, so no page in it asks"),
        (("VP8", "H264"), Opened(video_denied=True), None),
        (("VP8", "H264"), Opened(offered_codecs=("H265",)), None),
        (("VP8",), Opened(offered_codecs=("VP8", "H264")), None),
        (("VP8",), Opened(), None),
        (("VP8",), None, None),
        ((), Opened(offered_codecs=("H264",), video_denied=True), None),
    ],
    ids=[
        "offered and lacking",
        "refused without having been asked for",
        "refused",
        "decoded by few",
        "shared",
        "nothing offered",
        "nothing opened",
        "ours unknown",
    ],
)
def test_a_lack_of_codecs_is_ours(codecs: tuple[str, ...], opened: Opened | None, words: str | None) -> None:
    """What every user's browser decodes and ours does not is no target's fault, and any other codec is."""
    check = SelfCheck(stage=SelfCheckStage.PASSED, took_s=0.1, codecs=codecs)
    fault = codec_fault_of(check, opened=opened)
    assert (fault is None) == (words is None)
    if fault is not None:
        assert fault.reason is Reason.BROWSER_MISSING
        assert words is not None
        assert words in fault.summary
        assert fault.facts == ("video codecs that it can receive: VP8",)
