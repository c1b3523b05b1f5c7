from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


def context(cert: ssl.SSLContext) -> str:
    return str(cert)


def name(cert: "ssl.SSLContext") -> str:
    return cert.name
