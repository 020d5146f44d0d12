"""`prober rules`."""

import click

from prober.app.monitoring import files, grafana, prometheus
from prober.app.monitoring.links import RUNBOOK, Links
from prober.app.monitoring.pace import USUAL


@click.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["prometheus", "operator", "grafana"]),
    default="prometheus",
    show_default=True,
    help="A rule file, a PrometheusRule for the Prometheus operator, or Grafana-managed alert rules.",
)
@click.option(
    "--only",
    type=click.Choice(["records", "alerts"]),
    help="Leave the others out. Grafana's file has no records in any case.",
)
@click.option("--runbook-url", default=RUNBOOK, show_default=True, metavar="URL", help="Where your runbook is.")
@click.option(
    "--grafana-url", default="", metavar="URL", help="Your Grafana, if it has the dashboards: alerts link to them."
)
@click.option("--name", default=files.NAME, show_default=True, help="The PrometheusRule's name.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="KEY=VALUE",
    help="A label of the PrometheusRule, by which a Prometheus selects it; may be repeated.",
)
@click.option("--datasource-uid", default=files.DATASOURCE, show_default=True, help="Grafana's data source.")
@click.option("--folder", default=files.FOLDER, show_default=True, help="Grafana's folder of the rules.")
@click.option(
    "--pace",
    type=click.IntRange(min=1),
    default=USUAL,
    show_default=True,
    help="To try alerts out: time in the rule file runs so many times faster. Targets need intervals as short.",
)
def rules(
    *,
    kind: str,
    only: str | None,
    runbook_url: str,
    grafana_url: str,
    name: str,
    labels: tuple[str, ...],
    datasource_uid: str,
    folder: str,
    pace: int,
) -> None:
    """Prints the recording rules and alerts that belong to the metrics.

    One set of rules fits every configuration: targets, their intervals and their objectives are metrics. So print them
    once for a version of the prober; a new target needs no new rules. Where Grafana is to evaluate the alerts,
    Prometheus still needs the records. See docs/slo.md and docs/runbook.md.

    \b
    Examples:
      prober rules > vdi-prober.rules.yaml
      prober rules --format operator --label release=kube-prometheus-stack | kubectl apply -n monitoring -f -
      prober rules --only records > vdi-prober.records.yaml
      prober rules --format grafana > /etc/grafana/provisioning/alerting/vdi-prober.yaml
    """  # noqa: D301 - click reads the backslash as: do not wrap what follows
    if pace != USUAL and kind != "prometheus":
        raise click.UsageError("--pace is for --format prometheus alone: such rules are for a trial, not to be kept")
    links = Links(runbook=runbook_url, grafana=grafana_url)
    records, alerts = only != "alerts", only != "records"
    if kind == "grafana":
        if not alerts:
            raise click.UsageError("a file for Grafana has alerts only: leave --only records out")
        text = grafana.rule_file(links, datasource=datasource_uid, folder=folder)
    elif kind == "operator":
        text = prometheus.prometheus_rule(links, name=name, labels=_pairs(labels), records=records, alerts=alerts)
    else:
        text = prometheus.rule_file(links, records=records, alerts=alerts, pace=pace)
    click.echo(text, nl=False)


def _pairs(labels: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for label in labels:
        key, equals, value = label.partition("=")
        if not (key and equals):
            raise click.BadParameter(f"{label!r} is not KEY=VALUE", param_hint="--label")
        found[key] = value
    return found
