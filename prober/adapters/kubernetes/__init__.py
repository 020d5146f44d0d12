"""The Kubernetes API of one probed cluster: the only place that knows kubernetes_asyncio.

`connection` opens it, `reopening` does so late (`access` is the way there, and as whom we go it), `api` speaks HTTP
with it, `paging` reads its lists, `refusals` says what its errors mean, `resources` names what is asked for, `views`
parses what it answers; `sessions` with `watching` (over `listening`, `pacing` and `outages`) and `children` is the
port `Sessions`, `templates` is the port `Templates`, `secrets` reads Secrets for references to them.

What is asked of the API server, with the permissions which that needs, is one table: `permissions`. `evidence` looks
at what else a cluster shows of a session when a run has failed.

Requests are put together by the library's client and carried by a transport of our own, for TLS, identity and proxies
as Kubernetes' own clients have them. Answers are read raw: so that the library's exception type, which prints headers
and bodies, never comes into being, and a Secret's body never reaches its log.
"""
