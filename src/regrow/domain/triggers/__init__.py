"""Triggers: when the numbers of a piece ask for a new text, what they say, and what may be said of them."""
