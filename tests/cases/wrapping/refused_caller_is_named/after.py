import logging

TEXT = "old"


def old():
    TEXT = "very old"
    logging.warning(TEXT, stacklevel=2)
