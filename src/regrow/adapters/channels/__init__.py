"""Channels: one file each, and one line in the register."""
