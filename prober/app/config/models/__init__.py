"""The configuration file's shape: one pydantic model for each mapping that a person may write.

What belongs here: keys, their types, their defaults (the domain's own), what one mapping alone can be wrong about,
and the descriptions that editors show. What does not: anything that needs a second mapping, a line number or the file
system. The models never leave `prober.app.config`; `translate` makes domain values of them. No I/O.
"""
