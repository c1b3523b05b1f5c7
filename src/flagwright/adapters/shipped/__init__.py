"""Find and read what ships beside the code: policies and prompts.

Prompts are asked of `prompt` itself: a hook that lints policies does not wait for them.

The user's own policies go over the installed ones, or else the checkout's; what a repository
says of a policy is given as text, and only makes it stricter.
A file with a mistake is an error that names file, line and what is allowed; nothing is ever
skipped in silence. Of a repository's file, a mistake costs what it stands in, and not the rest.
"""

from flagwright.adapters.shipped.dropped import ALL
from flagwright.adapters.shipped.keep import keep_policy
from flagwright.adapters.shipped.layer import LayerName, Own, Source, sources
from flagwright.adapters.shipped.place import find
from flagwright.adapters.shipped.policy import (
    LoadedPolicy,
    check_apart,
    less_by,
    load_policy,
    load_text,
    read_cases,
    read_toml,
)
from flagwright.adapters.shipped.tree import (
    FOLDER,
    add_files,
    case_files,
    found_in,
    in_tree,
    misplaced,
    organised,
)
from flagwright.adapters.shipped.used import Used, UsedFile, keep_score, keep_used, scores_of, used
from flagwright.adapters.shipped.words import READERS, next_steps, place_of_step
