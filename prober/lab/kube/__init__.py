"""The lab's embedded Kubernetes API: an in-memory API server on loopback.

It serves what kopf, kubernetes_asyncio and kubectl need of a cluster, with the semantics of the
Kubernetes API conventions, so that code which works here works against a real API server:
https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md

`tests/contracts/kubernetes_api` holds it to that, side by side with a kube-apiserver; what it cannot do is in `limits`.

What belongs here: objects, their validation, watches, deletion, and the HTTP that carries them. What does not: kubelet,
scheduler, controllers of workloads. Nobody starts Pods; whoever needs a Pod's status writes it through the API.

The store and all below it (`store`, `history`, `paging`, `garbage`, `catalog`, `schema`, `metadata`, `patches`,
`selectors`, `resources`, `errors`) do no I/O and know nothing of HTTP; `server` is the entrance.
"""
