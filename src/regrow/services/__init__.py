"""What can be done: one function is one transaction."""
