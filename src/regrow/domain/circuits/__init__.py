"""Circuits: when a text that lost a test may be written again, and every gate that the new text goes through."""
