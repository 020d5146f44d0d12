"""The lab's VDI operator: what a VDISession asks for, done through a Kubernetes API.

Here belong the life of a session, the objects that are made for it, and the framework that calls
us. The operator is a client of the API like any other: it works against the embedded API and
against a real cluster alike. How pixels come about does not belong here: desktops arrive through
the `Desktops` port.

Reading order: `lifecycle` (what happens to a session; the lab's `plan` says how that may deviate),
`workload` (its objects), `manifests` and `kubelet` (what is written), `client` (how), `handlers` (what
the framework is told), `runtime` (how it starts and stops).
"""
