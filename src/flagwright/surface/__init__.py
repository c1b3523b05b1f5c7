"""The doors: the assistant's tools and the command line, both thin."""
