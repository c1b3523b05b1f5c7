"""The world: each file owns one outside thing."""
