"""Read what a person filled in; the gate has bounded its size."""

from urllib.parse import parse_qs

from pydantic import SecretStr
from starlette.requests import Request

from flagwright.core.attestation import Signing


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; one that is given twice is not there."""
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def signing(form: dict[str, str]) -> Signing | None:
    """How the approver signs in to the flag server, if they do."""
    if not form.get("secret"):
        return None
    return Signing(SecretStr(form["secret"]), form.get("user", "").strip())
