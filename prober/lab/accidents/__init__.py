"""What befalls a prober from the outside: its browser killed, its CPU taken, its disk full.

The lab imports nothing of the prober, so it finds it as the kernel knows it: by the socket of the browser that visits a
desktop. What is hit must be a browser that a Playwright driver of the same user automates, connected to this lab;
nothing else ever is, a person's own browser least of all. Processes are signalled by pidfd, so that a number that was
given anew is never hit. Everything that lasts is undone, at the latest when the lab ends.

Reading order: `accidents` (when something happens), `playing` (what), `visitors` (to whom), `kernel` (/proc), `load`
(busy processes). Linux only; where a visitor cannot be found nothing happens, which the log says.
"""
