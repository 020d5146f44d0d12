"""What is made of the Helm chart's values.yaml, whose comments are its only documentation: schema and README.

`python -m prober.app.chart CHART DASHBOARDS` writes them, with what else a chart has to hold itself: `make docs`.
"""
