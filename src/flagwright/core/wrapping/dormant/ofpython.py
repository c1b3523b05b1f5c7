"""Ask the classes of Python's own modules which members they have.

Only of modules whose import does nothing, and whose classes look for no member that they lack.
"""

import argparse
import collections
import configparser
import contextlib
import datetime
import html.parser
import json
import logging
import logging.handlers
import optparse
import pprint
import queue
import shlex
import string
import textwrap
import threading
from types import ModuleType

_MODULES: tuple[ModuleType, ...] = (
    argparse,
    collections,
    configparser,
    contextlib,
    datetime,
    html.parser,
    json,
    logging,
    logging.handlers,
    optparse,
    pprint,
    queue,
    shlex,
    string,
    textwrap,
    threading,
)
_CLASSES: dict[str, type] = {
    f"{module.__name__}.{name}": found
    for module in _MODULES
    for name, found in vars(module).items()
    if isinstance(found, type)
}


def class_of_python(origin: str) -> type | None:
    """A class of Python's own, by where it comes from; none where it is not known."""
    return _CLASSES.get(origin)


def python_lacks(origin: str, name: str) -> bool:
    """Whether a class of Python's own, by where it comes from, has no member of a name."""
    found = _CLASSES.get(origin)
    is_free = found is not None and "__getattr__" not in dir(found)
    return is_free and not hasattr(found, name)
