"""The nouns that every room speaks: frozen values, compared by content.

Tools return these or a lean view of them, so the published output schema is the
domain model. What must not drift apart is tied by a digest.
"""
