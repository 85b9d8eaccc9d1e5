"""`image.layers` as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from djdock import table
from djdock.images import dive, identity, layers, origin
from djdock.images.layers import Figures, LayerFigures
from djdock.images.model import Image
from djdock.images.size import ImageSize
from djdock.images.wording import (
    compressed,
    instruction,
    percent,
    platform,
    rooted,
    share,
    shortened,
    title,
)  # fmt: skip
from djdock.units import human

#: The orders that --sort knows.
ORDERS: dict[str, Callable[[LayerFigures], int]] = {
    "order": lambda item: item.layer.index,
    "size": lambda item: -item.layer.size,
    "files": lambda item: -(item.changes.added + item.changes.changed + item.changes.removed),
    "waste": lambda item: -item.waste,
}

#: How many wasted paths are named, and how many folders of them in the sentence.
WASTED, FOLDERS = 10, 3

#: How much of an instruction a table shows at least, in characters.
LEAST_WIDTH = 24


def chosen(
    figures: Figures, *, sort: str = "order", least: int = 0, top: int = 0
) -> list[LayerFigures]:
    """The layers of at least ``least`` bytes in the order asked for, the first ``top``; 0 is all."""
    shown = [item for item in figures.layers if item.layer.size >= least]
    ordered = sorted(shown, key=lambda item: (ORDERS[sort](item), item.layer.index))
    return ordered[: top or None]


def data(
    image: Image,
    figures: Figures,
    shown: Sequence[LayerFigures],
    *,
    counted: ImageSize | None = None,
    base: origin.Base | None = None,
) -> dict[str, Any]:
    """Everything about the layers; sizes in bytes, shares from 0 to 1."""
    theirs = dive.figures(image)
    return {
        "version": 1,
        "image": image.name,
        "content": identity.content(image),
        "platform": platform(image),
        "size": counted.size if counted else None,
        "store": counted.store if counted else "archive",
        "files_size": figures.size,
        "final_size": figures.final_size,
        "compressed_size": compressed(image),
        "efficiency": round(figures.efficiency, 6),
        "waste": {
            "size": figures.waste,
            "paths": [
                {
                    "path": item.path,
                    "size": item.size,
                    "copies": item.copies,
                    "layer": item.last + 1,
                    "how": "replaced" if item.replaced else "deleted",
                }
                for item in figures.wasted[:WASTED]
            ],
        },
        "dive": {
            "efficiency": round(theirs.efficiency, 6),
            "wasted": theirs.wasted,
            "user_wasted": None if theirs.user_wasted is None else round(theirs.user_wasted, 6),
        },
        "base": {"image": base.image, "layers": base.layers} if base else None,
        "layers": [
            {
                "number": item.layer.index + 1,
                "digest": item.layer.digest,
                "instruction": item.layer.instruction,
                "size": item.layer.size,
                "archive_size": item.layer.archive_size,
                "compressed_size": item.layer.compressed_size,
                "added": item.changes.added,
                "changed": item.changes.changed,
                "removed": item.changes.removed,
                "waste": item.waste,
                "base": item.layer.index < base.layers if base else None,
            }
            for item in shown
        ],
    }


def text(
    image: Image,
    figures: Figures,
    shown: Sequence[LayerFigures],
    *,
    counted: ImageSize | None = None,
    base: origin.Base | None = None,
    width: int = 120,
) -> str:
    """The same for people, in lines of ``width`` characters where instructions allow."""
    packed = compressed(image) is not None
    headers = [
        "#",
        "size",
        "share",
        *(["packed"] if packed else []),
        "added",
        "changed",
        "removed",
        "waste",
    ]
    rows: list[list[object]] = [
        [
            item.layer.index + 1,
            human(item.layer.size),
            percent(item.layer.size, figures.size),
            *([human(item.layer.compressed_size or 0)] if packed else []),
            *_some(*_counts(item)),
            human(item.waste) if item.waste else "",
        ]
        for item in shown
    ]
    total: list[object] = [
        "all",
        human(figures.size),
        "100 %" if figures.size else "",
        *([human(compressed(image) or 0)] if packed else []),
        *_some(*(sum(c) for c in zip(*map(_counts, figures.layers), strict=True))),
        human(figures.waste) if figures.waste else "",
    ]
    rows.append(total)
    used = sum(
        max(len(str(cell)) for cell in column) + 2 for column in zip(headers, *rows, strict=True)
    )
    room = max(LEAST_WIDTH, width - used)
    words = [shortened(instruction(item.layer.instruction), room) for item in shown]
    hidden = len(figures.layers) - len(shown)
    count = len(figures.layers)
    words.append(
        f"{count} layer{'s' if count != 1 else ''}" + (f", {hidden} not shown" if hidden else "")
    )
    grid = table.plain(
        [[*row, text] for row, text in zip(rows, words, strict=True)],
        [*headers, "instruction"],
        right="|".join(headers),
    )
    lines = grid.splitlines()
    if shown:
        lines.insert(len(lines) - 1, lines[1])
    return "\n".join([title(image, counted), "", *lines, "", *_sentences(image, figures, base)])


def _sentences(image: Image, figures: Figures, base: origin.Base | None) -> list[str]:
    said = []
    if base:
        theirs = sum(item.layer.size for item in figures.layers[: base.layers])
        which = f"Layers 1 to {base.layers} are" if base.layers > 1 else "Layer 1 is"
        said.append(
            f"{which} {base.image} ({human(theirs)}); "
            f"{human(figures.size - theirs)} are the image's own."
        )
    if not figures.waste:
        said.append("No waste: no layer replaces or deletes what another one brought.")
    else:
        places = ", ".join(
            f"{rooted(path)} ({human(size)})"
            for path, size in layers.folders(figures.wasted, most=FOLDERS)
        )
        said.append(
            f"Waste: {human(figures.waste)} ({percent(figures.waste, figures.size)}) are replaced or "
            f"deleted by later layers, most of it in {places}."
        )
    dives = dive.figures(image)
    user = "" if dives.user_wasted is None else f", {share(dives.user_wasted)} of user bytes"
    said.append(
        f"Efficiency: {share(figures.efficiency)}. dive would say "
        f"{share(dives.efficiency)}, {human(dives.wasted)} wasted{user}."
    )
    return said


def _counts(item: LayerFigures) -> tuple[int, int, int]:
    return item.changes.added, item.changes.changed, item.changes.removed


def _some(*numbers: int) -> list[str]:
    """Numbers for a table, in which a nought is nothing to look at."""
    return [str(number) if number else "" for number in numbers or (0, 0, 0)]
