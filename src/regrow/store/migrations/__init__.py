"""Schema history, with its locks."""
