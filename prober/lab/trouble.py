"""What the API server does to requests about one session, instead of answering them as it should."""

from enum import StrEnum


class Trouble(StrEnum):
    """One way in which an API server gets in the way of whoever uses a session."""

    QUOTA = "quota"
    """The creation is refused: the namespace's quota is used up."""
    RBAC = "rbac"
    """The creation is refused: its user may not create sessions."""
    ADMISSION = "admission"
    """The creation is refused by an admission webhook."""
    NO_CRD = "no_crd"
    """Nobody serves sessions."""
    OUTAGE = "outage"
    """Connections are cut as soon as the session is Creating, until its deletion is asked for."""
    THROTTLED = "throttled"
    """The creation is refused for now, with the time after which it may be tried again, then let in."""
    WATCH_EXPIRED = "watch_expired"
    """Every watch of the session is told that its resourceVersion is too old."""
    DELETE_DENIED = "delete_denied"
    """The deletion is refused: its user may not delete sessions."""
