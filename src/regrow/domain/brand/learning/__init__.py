"""Learning a voice: what is counted in somebody's own texts, and which passages stand for them."""
