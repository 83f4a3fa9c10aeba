"""Publishing: what a channel is to us, which state of a post follows which, and when one is due."""
