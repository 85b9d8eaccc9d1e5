"""Whose bytes are they? Every file of an image gets one owner and one kind."""

from djdock.images.owners.attribute import Ownership, attribute
from djdock.images.owners.keep import keep
from djdock.images.owners.owner import UNOWNED, Owned, Owner
from djdock.images.owners.shares import Share, by_owner, percentages, totals

__all__ = [
    "UNOWNED",
    "Owned",
    "Owner",
    "Ownership",
    "Share",
    "attribute",
    "by_owner",
    "keep",
    "percentages",
    "totals",
]
