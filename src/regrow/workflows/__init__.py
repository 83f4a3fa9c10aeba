"""What takes long, run durably."""
