"""Pages: one module per feature, with their templates and static files."""
