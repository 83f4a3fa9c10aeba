"""The JSON face, one router per feature."""
