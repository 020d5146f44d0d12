"""The evidence store, on local folders and on the object stores of clouds.

`places` opens what a URL names and is where the kinds of stores differ; `store` fulfils the port. The library reads a
cloud's credentials from the environment by itself, as that cloud's own tools do.
"""

from prober.adapters.evidence.store import StoredEvidence

__all__ = ["StoredEvidence"]
