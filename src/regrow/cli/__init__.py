"""The console, one app per feature."""
