"""What the prober talks about, with the judgements it makes.

Values, enums, pure functions. Nothing here awaits, reads a clock, touches the network or logs: times and samples come
in as arguments, answers go out as values. Standard library only; import-linter holds that.
"""
