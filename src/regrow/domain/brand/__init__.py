"""The brand: what a voice sounds like, what it must and must not say, and whether a text keeps to it."""
