"""The checks of the guard, one in each module: pure functions from what is seen of a variant to findings."""
