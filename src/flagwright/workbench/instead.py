"""Try folders of policies in the place of those that count, the same way for every question."""

from pathlib import Path
from typing import NamedTuple

from flagwright.adapters import shipped
from flagwright.adapters.shipped import Own
from flagwright.workbench.catalogue import POLICIES


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

    def with_clone(self, folder: Path) -> "Instead":
        """The same, with the clone of an organisation's repository that a folder is in, if any.

        Such a one has policies at its top, and no say of its own in them.
        """
        here = folder.resolve()
        top = next((one for one in (here, *here.parents) if (one / ".git").exists()), None)
        if self.organisation or top is None or (top / shipped.FOLDER).exists():
            return self
        is_clone = any((top / "policies" / f"{name}.toml").is_file() for name in POLICIES)
        return self._replace(organisation=top) if is_clone else self


AS_IT_IS = Instead()
