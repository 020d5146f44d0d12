"""The choreography of a run: order, budgets, teardown, sweep.

It works over ports and knows no library, metric or log line. asyncio is allowed, for waiting and cancelling; time is
read from the Clock port only. `runner.py` is the page to read first.
"""
