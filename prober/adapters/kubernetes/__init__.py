"""The Kubernetes API of one probed cluster: the only place that knows kubernetes_asyncio.

`connection` opens it (`plugins` guards what that may start), `api` speaks HTTP with it, `refusals` says what its
errors mean, `resources` names what is asked for, `views` parses what it answers; `sessions` with `watching` and
`children` is the port `Sessions`, `secrets` reads Secrets for references to them.

Permissions needed, which the chart's roles grant: get, list, watch, create, delete on vdisessions. Optional: list on
pods, persistentvolumeclaims, services, ingressroutes (a kind that may not be listed is a stated gap of the cleanup's
proof), get on the Secrets that the configuration names.

Requests are made through the library's client for its authentication and TLS, its answers are read raw: so that its
exception type, which prints headers and bodies, never comes into being, and a Secret's body never reaches its log.
"""
