"""Regrow: a self-hosted, closed-loop content engine."""

__version__ = "0.1.0"
