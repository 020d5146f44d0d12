"""TLS towards one API server: whom we trust, with which certificate we come.

Contexts are made here rather than by the library, since that one wants files, and leaves a user's private key in the
folder for temporary files as long as the process lives.
"""

import ssl
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

from prober.adapters.kubernetes.access.faults import unusable
from prober.adapters.kubernetes.access.identity import ClientCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How an API server proves itself.

    Attributes:
        place: Where this is written, for faults.
        authority: Who signs its certificate, PEM; without one, those whom the system trusts.
        verified: Whether that is looked at at all.
        server_name: The name in its certificate, where that is not the one in its address.
    """

    place: str
    authority: str | None = None
    verified: bool = True
    server_name: str | None = None

    def context(self, certificate: ClientCertificate | None = None) -> ssl.SSLContext:
        """Makes a context; reads and writes files.

        Raises:
            ProberFailed: `internal`, when the authority, the certificate or the key is none.
        """
        try:
            context = ssl.create_default_context(cadata=self.authority)
        except (ssl.SSLError, TypeError) as error:
            raise unusable(f"the certificate authority of {self.place} cannot be loaded: it is no PEM text") from error
        # Python from 3.13 on wants extensions that certificates of clusters often lack; other clients do not.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if not self.verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate is not None:
            _show(certificate, context, place=self.place)
        return context


def check_pair(certificate: ClientCertificate, *, place: str) -> None:
    """Looks whether a certificate can be shown; reads and writes files.

    Raises:
        ProberFailed: `internal`, when certificate and key are no pair, as between the writing of one and the other.
    """
    _show(certificate, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), place=place)


def _show(certificate: ClientCertificate, context: ssl.SSLContext, *, place: str) -> None:
    # OpenSSL's bindings read keys from files only; this one is ours alone, and gone when the block is left.
    pair = f"the client certificate and key of {place}"
    try:
        with NamedTemporaryFile("w", prefix="vdi-prober-", suffix=".pem") as file:
            file.write(f"{certificate.chain}\n{certificate.key}\n")
            file.flush()
            # With a password nobody is asked for one on the terminal.
            context.load_cert_chain(file.name, password="")
    except ssl.SSLError as error:
        raise unusable(f"{pair} cannot be loaded: they are no pair in PEM, or the key is encrypted") from error
    except OSError as error:
        raise unusable(f"{pair} need a writable folder for temporary files: {error.strerror}") from error
