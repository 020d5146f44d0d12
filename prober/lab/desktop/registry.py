"""Which desktop answers under which route.

The platform derives the route from the user's name, so two sessions of one user collide: the one
opened last owns the route, and the older one has it back once the newer is gone.
"""

from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.truth import Truth, TruthArchive

RESERVED_ROUTE = "_lab"
"""The lab's own part of the URL space."""


class Registry:
    """All desktops of a host, and the truth about those that are gone."""

    def __init__(self) -> None:
        self._open: dict[str, Desktop] = {}
        self._left_behind: dict[str, Desktop] = {}
        self._archive = TruthArchive()

    def add(self, desktop: Desktop) -> None:
        """Serve a desktop from now on.

        Raises:
            ValueError: The session is open already, or the route cannot be served.
        """
        if desktop.session in self._open:
            raise ValueError(f"session {desktop.session!r} is open already")
        if not desktop.route or "/" in desktop.route or desktop.route == RESERVED_ROUTE:
            raise ValueError(f"no desktop can be served under {desktop.route!r}")
        self._left_behind.pop(desktop.route, None)
        self._open[desktop.session] = desktop

    def withdraw(self, session: str) -> Desktop | None:
        """Stop serving a session, unless its route survives; None if it is not open."""
        desktop = self._open.pop(session, None)
        if desktop is None:
            return None
        desktop.log.close()
        if desktop.behaviour.route_survives:
            self._left_behind[desktop.route] = desktop
        self.archive(desktop)
        return desktop

    def archive(self, desktop: Desktop) -> None:
        """Keep the truth about a desktop, in place of what was kept of it before."""
        self._archive.keep(desktop.truth())

    def serving(self, route: str) -> Desktop | None:
        """The desktop that owns a route now."""
        for desktop in reversed(self._open.values()):
            if desktop.route == route:
                return desktop
        return self._left_behind.get(route)

    def find(self, session: str) -> Desktop:
        """The desktop of an open session.

        Raises:
            KeyError: The session is not open.
        """
        return self._open[session]

    def sessions(self) -> tuple[str, ...]:
        """The open sessions, oldest first."""
        return tuple(self._open)

    def truth(self, name: str) -> Truth:
        """The truth about the session of a name, an open one before a closed one, a later one before an earlier one.

        Raises:
            KeyError: There never was one, or it is too old.
        """
        named = (desktop for desktop in reversed(self._open.values()) if desktop.name == name)
        desktop = next(named, None)
        return self._archive.find(name) if desktop is None else desktop.truth()
