import pytest

from prober.domain.reasons import Layer, Reason

CONTRACT = {
    Layer.CONTROL_PLANE: (
        "api_unreachable rbac_denied quota_exceeded admission_rejected crd_missing template_not_found"
    ),
    Layer.OPERATOR: "operator_stalled phase_failed",
    Layer.WORKLOAD: (
        "unschedulable gpu_unavailable image_pull crash_loop oom_killed volume_pending init_stuck running_timeout"
    ),
    Layer.EXPOSURE: (
        "url_missing url_rejected dns tcp_refused tls false_running http_404_route http_5xx host_collision"
    ),
    Layer.AUTH: "auth_rejected auth_form_changed token_invalid token_expired mfa_failed access_not_enforced",
    Layer.SIGNALLING: "signalling_never_opened signalling_closed no_offer wrong_transport codec_unsupported",
    Layer.ICE: "ice_no_candidates ice_failed turn_unreachable turn_auth_failed dtls_failed",
    Layer.MEDIA: (
        "no_first_frame playback_blocked black_frames frozen low_fps low_resolution high_rtt high_loss high_jitter"
        " audio_missing"
    ),
    Layer.INPUT: "input_dead input_slow",
    Layer.TEARDOWN: "delete_rejected finalizer_stuck child_left url_still_serving cleanup_timeout",
    Layer.PROBER: (
        "browser_missing browser_crashed driver_error prober_starved leak_cap_reached deadline_exceeded internal"
    ),
}
"""The contract's list: alerts and dashboards are written against it, so the code is held to it word for word."""


@pytest.mark.parametrize("layer", list(Layer), ids=str)
def test_each_layer_has_the_contracts_reasons(layer: Layer) -> None:
    """Every reason of the contract is in the enum under its layer, with none beside them."""
    assert {reason.value for reason in Reason if reason.layer is layer} == set(CONTRACT[layer].split())


def test_a_reason_is_its_own_label() -> None:
    """A reason prints, compares and is found as the bare word that becomes a metric label."""
    assert str(Reason.BLACK_FRAMES) == "black_frames"
    assert f"{Reason.BLACK_FRAMES}" == "black_frames"
