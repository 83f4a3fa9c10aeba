"""Table declarations, one file per feature."""
