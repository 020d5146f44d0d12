"""A desktop's directory: what is where in it, what is written into it before anything starts."""

import json
import os
import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PRIVATE_FILE = 0o600

_COOKIE = b"MIT-MAGIC-COOKIE-1"
_COOKIE_BYTES = 16
_ANY_ADDRESS = 0xFFFF
"""Xauth's FamilyWild: the entry holds for every display, whose number is not known yet (see Xsecurity(7))."""

_WINDOW_MANAGER = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <theme><name>Onyx</name></theme>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <mouse>
    <context name="Root">
      <mousebind button="Right" action="Press"><action name="ShowMenu"><menu>root-menu</menu></action></mousebind>
    </context>
  </mouse>
  <menu><file>{menu}</file></menu>
</openbox_config>
"""
"""A right click on the free desktop opens a menu, and that is all: dark on the white root window."""

_MENU = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_menu xmlns="http://openbox.org/3.4/menu">
  <menu id="root-menu" label="Desktop">
    <separator label="Desktop"/>
    <item label="Applications"/><item label="Documents"/><item label="Terminal"/><item label="Settings"/>
  </menu>
</openbox_menu>
"""
"""Items that do nothing: what is clicked by mistake must not start anything."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The names in a desktop's directory.

    Attributes:
        directory: The absolute path of the directory.
    """

    directory: str

    @property
    def home(self) -> str:
        """The home directory of the desktop's programs."""
        return f"{self.directory}/home"

    @property
    def socket(self) -> str:
        """Where Selkies listens."""
        return f"{self.directory}/http"

    @property
    def cookie(self) -> str:
        """The X server's, without which nobody may use it."""
        return f"{self.directory}/xauthority"

    @property
    def ice_servers(self) -> str:
        """What Selkies knows of STUN and TURN; without this file it would ask public servers."""
        return f"{self.directory}/ice.json"

    @property
    def window_manager(self) -> str:
        """The window manager's configuration."""
        return f"{self.directory}/openbox.xml"

    @property
    def menu(self) -> str:
        """The desktop's menu."""
        return f"{self.directory}/menu.xml"

    def log(self, name: str) -> str:
        """What a program of that name says."""
        return f"{self.directory}/{name}.log"

    def furnish(self, *, ice_servers: Sequence[Mapping[str, Any]]) -> None:
        """Writes what the programs need.

        Raises:
            OSError: The directory cannot be written.
        """
        Path(self.home).mkdir()
        _write(self.cookie, _cookie())
        _write(self.ice_servers, json.dumps({"iceServers": list(ice_servers)}).encode())
        _write(self.window_manager, _WINDOW_MANAGER.format(menu=self.menu).encode())
        _write(self.menu, _MENU.encode())


def _cookie() -> bytes:
    fields = (b"", b"", _COOKIE, secrets.token_bytes(_COOKIE_BYTES))
    return struct.pack(">H", _ANY_ADDRESS) + b"".join(struct.pack(">H", len(text)) + text for text in fields)


def _write(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
