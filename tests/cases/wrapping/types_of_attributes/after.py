import os


class Page:
    path: str | None

    title: str | None = None
    tags: dict[str, int] = {}

    def __init__(self):
        self.path = os.sep

    def name(self):
        return self.title or self.path or ""
