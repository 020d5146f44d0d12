"""The configuration file, from its text to the values that everything below works with.

`load.load` reads a file into `settings.Settings` or raises `problems.ConfigurationError` with every problem at once.
On the way the text becomes a `document` (data with lines), the document is checked against the `models` (whose JSON
Schema `schema` publishes), the cross checks look at what no single field can know, and `translate` makes domain
values of it.

Pydantic and YAML stay inside this package. It reads the one file that it is told to read; the environment comes in as
a mapping, and no secret is ever read here, only where it is kept.
"""
