"""The port for reading secrets."""

from typing import Protocol

from prober.domain.target import SecretRef, SessionTemplate


class Secret:
    """A secret that does not print itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Returns the secret itself, for the one place that hands it over."""
        return self._value

    def __repr__(self) -> str:
        """Hides the value: representations end up in logs."""
        return "Secret(***)"

    __str__ = __repr__


class Secrets(Protocol):
    """Where references to secrets are resolved."""

    async def read(self, ref: SecretRef, session: SessionTemplate) -> Secret:
        """Returns the secret's value of now.

        Args:
            ref: Where it is kept.
            session: Gives the cluster and the namespace where the reference names none.

        Raises:
            TargetFailed: `api_unreachable`, when it is kept in the session's cluster, whose API server does not answer.
            ProberFailed: `internal`, naming the reference and never the value, when it cannot be read for another
            cause.
        """
