"""What Prometheus and Grafana are told to do with the prober's metrics: recording rules and alerts, as data.

One static set of rules fits every configuration, because targets, intervals and objectives are metrics themselves:
nothing is generated from a configuration file, and a reload needs no new rules. `intervals` says which windows belong
to which interval. `objectives`, `targets` and `own` hold the rules, `rules` puts them together; `prometheus` and
`grafana` write them down. Pure data and text: no I/O, no clock.
"""
