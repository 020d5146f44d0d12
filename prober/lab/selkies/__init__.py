"""Real desktops: for each session an X server, a window manager, a moving window, a Selkies that streams them.

Here belong the programs, how they are started and ended (`keeper`, a process of its own for each desktop),
and the way in (`proxy`). Selkies is a program that is started, never a library that is imported; it comes
from the extra `vdi-prober[selkies]`, the rest from the system's packages (`programs`). What a Selkies
desktop cannot do (be black, be late, lose packets) the synthetic desktop does; `abilities` is the list.

Reading order: `host` (the life of all desktops), `desktop` (one), `keeper` (its programs).
"""
