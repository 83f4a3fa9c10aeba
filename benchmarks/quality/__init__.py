"""How good, not how fast: measures on data that is named on the command line and never fetched."""
