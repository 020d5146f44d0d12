"""The lab: a whole VDI platform on loopback, breakable on purpose, embedded or in a real cluster.

Here belong the Kubernetes API (`kube`), the choice between it and a real one (`cluster`), the operator
(`operator`), the desktops, our own and real ones (`desktop`, `selkies`), their TURN server (`turn`), the faults,
and what makes one platform of them. The lab stands in for the site that is probed, so nothing in it knows the
prober's flow; demo, doctor and tests use it, imported by `app` alone. It needs the extra `vdi-prober[lab]`.

Reading order: `platform` (what there is), `faults` (how it breaks), `process` (as a process).
"""
