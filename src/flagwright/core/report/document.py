"""One HTML file without scripts that needs nothing else, in light, dark and print."""

import base64
import hashlib
from collections.abc import Iterable
from string import Template

from flagwright.core.report.style import STYLE
from flagwright.core.report.svg import safe


def document(title: str, facts: str, body: str, *, heading: str = "") -> str:
    """A whole page; the body is markup already.

    Args:
        facts: What it was made of, below the heading.
        heading: Where it is not the title.
    """
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return _PAGE.substitute(
        csp=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=STYLE,
        title=safe(title),
        heading=safe(heading or title),
        facts=safe(facts),
        body=body,
    )


def index(parts: Iterable[tuple[str, str]]) -> str:
    """Links to the parts of a page: the id and the title of each."""
    links = "".join(f'<li><a href="#{place}">{safe(title)}</a></li>' for place, title in parts)
    return f'<nav aria-label="Parts"><ul class="index">{links}</ul></nav>'


_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="$csp"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$heading</h1>
<p class="dim">$facts</p>
$body
</main>
</body>
</html>
""")
