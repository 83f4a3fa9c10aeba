"""Measurements of how good something is, on material that is given by its path."""
