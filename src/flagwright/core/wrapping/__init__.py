"""Merge two versions of a file under one flag, and prove it by the inverse."""
