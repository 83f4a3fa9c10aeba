"""Shipped fakes with behaviour, factories and provider contract suites."""
