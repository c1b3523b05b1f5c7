"""The command line: the same steps and the same answers as the assistant's tools."""

from flagwright.surface.cli.group import cli

__all__ = ["cli"]
