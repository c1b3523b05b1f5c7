import os
from typing import Optional


class Page:
    title: Optional[str] = None
    tags = {}

    def __init__(self):
        self.path = os.sep

    def name(self):
        return self.title or self.path
