"""The variables that the pages share."""

from prober.app.dashboards.parts import Json, choice_variable, label_variable


def cluster() -> Json:
    """Returns the choice of clusters; it narrows the choice of targets."""
    return label_variable(
        "cluster",
        "Cluster",
        "The clusters whose targets can be chosen, as vdi_probe_target_info has them.",
        "label_values(vdi_probe_target_info, cluster)",
    )


def targets() -> Json:
    """Returns the choice of targets; "All" is each of the chosen clusters, by name."""
    return label_variable(
        "target",
        "Target",
        "The targets that are shown.",
        'label_values(vdi_probe_target_info{cluster=~"$cluster"}, target)',
    )


def window() -> Json:
    """Returns the choice of how far shares, means and quantiles look back."""
    return choice_variable(
        "window",
        "Window",
        "How far shares, means and quantiles look back: at least some intervals of the targets.",
        ("15m", "30m", "1h", "3h", "6h", "12h", "1d", "7d"),
        "1h",
    )


def job() -> Json:
    """Returns the choice of scrape jobs."""
    return label_variable(
        "job",
        "Job",
        "The scrape jobs of the probers.",
        "label_values(vdi_prober_build_info, job)",
        every=".+",
    )


def instance() -> Json:
    """Returns the choice of probers."""
    return label_variable(
        "instance",
        "Instance",
        "The probers that are shown.",
        'label_values(vdi_prober_build_info{job=~"$job"}, instance)',
        every=".+",
    )
