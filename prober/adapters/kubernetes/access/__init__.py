"""The way to one API server: where it is, whom we trust there, who we are, which proxy lies between.

`kubeconfig` reads a file's context, `server` what that says about the cluster and `users` what it says about us;
`identity` is who we are from request to request, `plugins` the identity that a command gives, `processes` runs that
command, `tls` makes contexts, `proxies` chooses a proxy as Kubernetes' own clients do, `transport` carries requests
with all of that. `prober.adapters.kubernetes.connection` puts them together.

What is wrong here is our own fault and `internal`: the words name the file, the context, the plugin, with the mend,
and quote nothing that may be a credential. So exceptions of parsers, which quote what they parse, are never chained.
The API server that does not answer, or the proxy before it, is `api_unreachable`.

Files are read in threads, so that a slow disk never holds up the event loop. No key is written to disk for longer
than OpenSSL takes to read it.
"""
