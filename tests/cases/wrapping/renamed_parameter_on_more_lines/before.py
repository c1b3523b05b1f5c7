from typing import Any


class Progress:
    def write(
        self,
        chunk: bytes,  # of a file
        *more: Any,
    ) -> int:
        """Write a part."""
        # all of it
        return len(chunk)
