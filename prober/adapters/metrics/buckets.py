"""The rows of buckets, with what each is for: budgets, thresholds and promises lie on edges, so that they can be read.

All are in seconds. The budgets are `prober.domain.steps.Budgets`, the thresholds `prober.domain.thresholds`; a test
holds the rows to both.
"""

from prober.adapters.metrics.declaration import Buckets

RUN = Buckets(
    (10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0),
    "A healthy run is its 10 s window and a few seconds more; all default budgets together are just under 300 s.",
)
STEP = Buckets(
    (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0),
    "Every step's default budget (10, 15, 30, 60 s) is an edge, so are the platform's promises (10, 30 s); 120 s is "
    "for targets with raised budgets.",
)
SESSION_START = Buckets(
    (5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 180.0),
    "The platform's promises (10, 30 s) and the default objective (60 s) are edges; the default budgets up to the "
    "first frame together are 175 s.",
)
FIRST_FRAME = Buckets(
    (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 30.0),
    "Users notice seconds; 30 s is the step's budget, 10 s the usual expectation.",
)
CONNECTING = Buckets(
    (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0),
    "A few round trips on a good path, seconds where a pair of addresses is tried again; 15 s is the step's budget.",
)
ROUND_TRIP = Buckets(
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0),
    "Edges at the warning (100 ms) and the failing (250 ms) threshold.",
)
JITTER = Buckets(
    (0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5),
    "Edges at the warning (30 ms) and the failing (200 ms) threshold.",
)
JITTER_BUFFER = Buckets(
    (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0),
    "Edges at the warning (100 ms) and the failing (500 ms) threshold.",
)
INPUT = Buckets(
    (0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0),
    "Edges at the platform's promise (50 ms), the warning (150 ms) and the failing (300 ms) threshold; 1 s is a miss.",
)
DELAY = Buckets(
    (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0),
    "Milliseconds when idle; seconds and minutes are spent waiting for a place, at most 300 s.",
)
LAG = Buckets(
    (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.5, 1.0, 2.5),
    "Measured times are off by the lag: from 50 ms on that is what separates two verdicts, from 150 ms on the prober "
    "counts as starved.",
)
