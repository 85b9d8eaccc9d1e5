"""Backups of the site's data: made, listed, restored, pruned."""
