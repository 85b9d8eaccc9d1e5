"""A small interpreter of settings modules: it works their values out from the source, and runs nothing.

What it cannot follow is unknown; what it can is bounded in steps, depth and size. :mod:`.machine` is the
door to it.
"""
