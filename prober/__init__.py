"""A synthetic monitor for Kubernetes VDI platforms. The layers are drawn in docs/architecture.md."""

__version__ = "0.1.0"
