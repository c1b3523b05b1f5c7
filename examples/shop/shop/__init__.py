"""A small shop with an HTTP API."""
