"""Find and read what ships beside the code: policies and prompts.

The user's own file wins over the installed one, and that over the checkout's. A repository
is never asked. A file with a mistake is an error that names file, line and what is allowed;
nothing is ever skipped in silence.
"""

from flagwright.adapters.shipped.keep import keep_policy
from flagwright.adapters.shipped.policy import LoadedPolicy, load_policy
from flagwright.adapters.shipped.prompt import next_steps, prompt_files
from flagwright.core.prompt import PromptArgument, PromptFile

__all__ = [
    "LoadedPolicy",
    "PromptArgument",
    "PromptFile",
    "keep_policy",
    "load_policy",
    "next_steps",
    "prompt_files",
]
