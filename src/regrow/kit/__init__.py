"""Tools without a product word."""
