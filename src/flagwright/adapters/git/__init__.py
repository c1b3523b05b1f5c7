"""Read changes from git repositories without running anything that a repository brings."""

from flagwright.adapters.git.history import History
from flagwright.adapters.git.location import git_dir_of
from flagwright.adapters.git.person import person
from flagwright.adapters.git.pinned import pinned
from flagwright.adapters.git.repository import Git, Repository

__all__ = ["Git", "History", "Repository", "git_dir_of", "person", "pinned"]
