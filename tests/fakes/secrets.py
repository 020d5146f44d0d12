"""Secrets without a place, for tests of the flow."""

from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.reasons import Reason
from prober.domain.target import SecretRef, SessionTemplate
from prober.flow.ports.secrets import Secret, Secrets


class FakeSecrets(Secrets):
    """Values by the reference's name; what is not there cannot be read.

    Attributes:
        values: The secrets by name, changeable at any time.
        asked: The references read, in order.
        failure: Raised by every read, once set.
    """

    def __init__(self, values: dict[str, str] | None = None, *, failure: ProbeError | None = None) -> None:
        self.values = {} if values is None else values
        self.asked: list[SecretRef] = []
        self.failure = failure

    async def read(self, ref: SecretRef, session: SessionTemplate) -> Secret:
        """Returns the value of the reference's name."""
        self.asked.append(ref)
        if self.failure is not None:
            raise self.failure
        if ref.name not in self.values:
            raise ProberFailed.because(Reason.INTERNAL, f"the secret {ref.source}:{ref.name} cannot be read")
        return Secret(self.values[ref.name])
