"""Try folders of policies in the place of those that count, the same way for every question."""

from pathlib import Path
from typing import NamedTuple

from flagwright.adapters import shipped
from flagwright.adapters.shipped import Own


class Instead(NamedTuple):
    """Folders that hold `policies`; each stands for one layer, whole."""

    own: Path | None = None
    organisation: Path | None = None
    """A clone of its repository, say; what is not committed there counts, too."""

    def of(self, above: Own) -> Own:
        """What counts above a repository, with these folders in their places."""
        if self.own:
            above = above._replace(config_dir=self.own)
        return shipped.organised(above, self.organisation) if self.organisation else above


AS_IT_IS = Instead()
