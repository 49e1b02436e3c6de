"""Settings: environment variables, each read in one place. A wrong one is told by its name, with an example,
before anything is asked or written.

Every function raises ``ValueError``, in one line, for a setting that cannot be meant. The line never repeats
what may be a secret.
"""

from __future__ import annotations

import logging
import math
import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from warehouse.store import secret

LONGEST = 86_400  # seconds to wait for an answer; a day is more than any publisher takes


def check(keys: Iterable[str]) -> None:
    """Read every setting; ``keys`` are the variables that hold API keys."""
    for read in (mirror, contact, timeout, alert_urls, _salt):
        read()
    for name in keys:
        key(name)


def mirror() -> str | None:
    """``GAPWATCH_MIRROR``: where all requests go instead of to the publishers; None where it is not set."""
    text = os.environ.get("GAPWATCH_MIRROR", "")
    if not text:
        return None
    try:
        url = urlsplit(text)
        well = url.scheme in ("http", "https") and url.hostname and not url.query and not url.fragment
        well = well and url.port != 0 and text.isprintable() and " " not in text
    except ValueError:
        well = False
    if not well:
        raise _wrong("GAPWATCH_MIRROR", "an address with http:// or https://", "https://mirror.example.org")
    return text


def contact() -> str:
    """``GAPWATCH_CONTACT``: who to write to about our requests."""
    text = os.environ.get("GAPWATCH_CONTACT", "") or "no contact given"
    if not (text.isprintable() and text == text.strip() and max(text) < "\u0100"):
        what = "one line in Latin letters, as it is sent in a header"
        raise _wrong("GAPWATCH_CONTACT", what, "you@example.org")
    return text


def timeout() -> float:
    """``GAPWATCH_TIMEOUT``: seconds to wait for an answer."""
    text = os.environ.get("GAPWATCH_TIMEOUT", "60")
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= LONGEST:
        what = f"a number of seconds above 0 and up to {LONGEST}, not {text!r}"
        raise _wrong("GAPWATCH_TIMEOUT", what, "60")
    return seconds


def key(name: str) -> str:
    """The API key in a variable; empty where there is none."""
    text = os.environ.get(name, "")
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise _wrong(name, "a key without blanks and line breaks", "0123456789abcdef")
    return text


def alert_urls() -> list[str]:
    """``GAPWATCH_ALERT_URLS``: where alerts go, each an address that Apprise understands."""
    urls = os.environ.get("GAPWATCH_ALERT_URLS", "").split()
    if urls:
        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would say it at length
        import apprise

    for number, url in enumerate(urls, 1):
        if not apprise.Apprise().add(url):
            scheme = re.match(r"[a-z][a-z0-9+.-]*://", url)
            which = f"the address {scheme[0]}…" if scheme else "an address without a scheme"
            what = (
                f"addresses that Apprise understands, separated by blanks; number {number}, {which}, is none"
            )
            example = "mailtos://user:password@smtp.example.org?from=me@example.org&to=you@example.org"
            raise _wrong("GAPWATCH_ALERT_URLS", what, example)
    return urls


def data_dir(root: Path) -> Path:
    """The data directory, from ``--data-dir`` or ``GAPWATCH_DATA_DIR``: a folder, or a place for one."""
    found = root.expanduser().absolute()
    there = next(path for path in (found, *found.parents) if path.exists() or path == path.parent)
    if not there.is_dir():
        what = f"a folder, and {there} is a file"
        raise _wrong("--data-dir or GAPWATCH_DATA_DIR", what, "/var/lib/gapwatch")
    return found


def _salt() -> str | None:
    text = os.environ.get(secret.VARIABLE)
    if text is not None and len(text.encode()) < secret.LEAST:
        what = f"at least {secret.LEAST} characters, always the same, or not set at all"
        raise _wrong(secret.VARIABLE, what, "what `openssl rand -hex 32` prints")
    return text


def _wrong(name: str, what: str, example: str) -> ValueError:
    return ValueError(f"{name} must be {what}; for example {example}")
