import ssl
from typing import TYPE_CHECKING


def context(cert: ssl.SSLContext) -> str:
    return str(ssl.create_default_context(cert))


def name(cert: "ssl.SSLContext") -> str:
    return cert.name
