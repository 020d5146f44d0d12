"""Stand-ins for the ports; each runs the contract suite of the real adapter."""
