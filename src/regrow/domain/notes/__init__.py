"""Notes: how their text is read, what they are called, where their links lead, and what of them may be seen."""
