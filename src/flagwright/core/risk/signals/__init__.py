"""One room a signal: what it looks for in a change, and nothing about what that costs."""
