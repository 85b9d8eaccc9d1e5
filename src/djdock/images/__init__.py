"""Images: variants and how they are built, measured and compared."""
