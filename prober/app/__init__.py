"""Where the prober is put together.

Configuration, wiring, the service, the command line. The only layer that reads the environment, that knows every
other layer, and that decides which adapter stands behind which port. No judgement of a target lives here, and no talk
with an outside thing: the one is the domain's, the other an adapter's.
"""
