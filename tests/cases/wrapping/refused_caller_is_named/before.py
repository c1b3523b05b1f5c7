import logging

TEXT = "old"


def old():
    logging.warning(TEXT, stacklevel=2)
