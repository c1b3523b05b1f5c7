"""Say why a flag's name is refused, and what to call it instead."""
