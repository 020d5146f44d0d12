"""The cluster that the lab works in: one of its own, or a real one that belongs to others.

Here belong the choice between the two, the way in, and everything that a guest owes to a house which
is not its own: to ask for what it needs, to serve one namespace alone, to take away what it brought.
Nothing here knows the operator's handlers or the desktops.

Reading order: `choice` (embedded or foreign), `kubeconfig` (how a foreign one is reached), `tenancy` (what is
done at arrival, then undone at departure), with `permissions`, `definitions`, `occupancy`, `lease` and
`belongings` as its parts. Errors are in `errors`.
"""
