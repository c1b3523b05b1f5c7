"""Release governance for AI-written code: score a diff, wrap it behind a flag, prove it."""
