"""By what lists of an image's parts can be ordered, and how long they are.

Apart from what makes the lists: the tasks' help names these, and must not load all of that for it.
"""

from __future__ import annotations

LAYERS = ("order", "size", "files", "waste")
FILES = ("size", "path", "layer")
OWNERS = ("size", "files", "group", "name")
CHANGES = ("size", "name", "change")

#: How many owners are shown, unless more are asked for.
TOP = 20
