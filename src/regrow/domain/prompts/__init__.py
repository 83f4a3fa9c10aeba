"""Prompts that a workspace words itself: texts that only fill variables."""
