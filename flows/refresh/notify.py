"""Deliver alerts through Apprise: once per release and target, tried again by the next run."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping
from typing import Any

from expectations.alerts import rules
from warehouse.acquire.fetch import utc_now
from warehouse.store import journal
from warehouse.store.paths import Layout


def targets() -> dict[str, str]:
    """Name of each target (scheme and a hash, so that no secret is recorded) -> its Apprise URL."""
    urls = os.environ.get("GAPWATCH_ALERT_URLS", "").split()
    return {f"{url.partition('://')[0]}-{hashlib.sha256(url.encode()).hexdigest()[:12]}": url for url in urls}


def deliver(layout: Layout) -> list[str]:
    """Send what is outstanding: one message per release with all its alerts, to each target.

    Returns one line per delivery that failed. Releases from before a target was configured are not sent to it
    when it has never been tried and the release is not the newest with alerts.
    """
    found = targets()
    if not found:
        return []
    done = {
        (row["release"], row["target"]) for row in journal.read(layout.ledger, "delivery") if row["delivered"]
    }
    tried = {(row["release"], row["target"]) for row in journal.read(layout.ledger, "delivery")}
    alerting = [entry for entry in journal.read(layout.ledger, "release") if entry["alerts"]]
    failures = []
    for entry in alerting:
        for name, url in found.items():
            key = (entry["release"], name)
            if key in done or (key not in tried and entry is not alerting[-1]):
                continue
            delivered = _send(url, entry)
            row = {
                "release": key[0],
                "target": name,
                "delivered": delivered,
                "at": journal.timestamp(utc_now()),
            }
            journal.append(layout.ledger, "delivery", row)
            if not delivered:
                failures.append(
                    f"the alert of release {entry['release']} did not reach {name}; the next run tries again"
                )
    return failures


def _send(url: str, entry: Mapping[str, Any]) -> bool:
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    import apprise

    sender = apprise.Apprise()
    if not sender.add(url):
        return False
    body = "\n\n".join(alert["message"] for alert in entry["alerts"])
    # Scraped text may hold markup: it is sent as plain text and nothing else (mail would get a part in HTML
    # by default). A failure comes back as False, not as an exception.
    for server in sender:
        server.notify_format = apprise.NotifyFormat.TEXT
    return bool(
        sender.notify(body=body, title=rules.title(entry["alerts"]), body_format=apprise.NotifyFormat.TEXT)
    )
