"""Visits: who is shown which variant, who is counted, and what the counts are."""
