"""The rules: facts in, decisions out; no I/O, no clock, no dice of their own."""
