"""The lab: a whole VDI platform on loopback, embedded, breakable on purpose.

Here belong the Kubernetes API (`kube`), the operator (`operator`), the desktops (`desktop`), the
faults, and what makes one platform of them. The lab stands in for the site that is probed, so
nothing in it knows the prober's flow; demo, doctor and tests use it, imported by `app` alone. It
needs the extra `vdi-prober[lab]`.

Reading order: `platform` (what there is), `faults` (how it breaks), `process` (as a process).
"""
