"""One outside thing each: Kubernetes, a browser, URLs, secrets, clocks, metrics, logs, evidence, history, the web.

An adapter fulfils a port of the flow. It translates types and errors at its border and has no policy: no budgets, no
hidden retries, no verdicts. Each third-party library is imported by one adapter only. Nothing here reads the
environment; what an adapter needs of it is handed over.
"""
