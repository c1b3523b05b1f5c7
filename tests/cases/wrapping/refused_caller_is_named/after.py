import warnings

TEXT = "old"


def old():
    TEXT = "very old"
    warnings.warn(TEXT, stacklevel=2)
