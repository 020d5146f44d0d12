"""What each step does, one module for each stage of the story.

A step is given its ports and its budget, and either returns or raises a `ProbeError` that says whose fault it was: a
budget that ran out is explained by what was seen, never by "timeout". Steps neither time themselves nor know of one
another.
"""
