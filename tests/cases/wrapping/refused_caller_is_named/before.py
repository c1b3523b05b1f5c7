import warnings

TEXT = "old"


def old():
    warnings.warn(TEXT, stacklevel=2)
