"""Deliver alerts through Apprise: once per release and target, tried again by the next run."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from expectations.alerts import rules
from flows.refresh.plain import plain
from warehouse.acquire import settings
from warehouse.acquire.fetch import utc_now
from warehouse.store import journal
from warehouse.store.paths import Layout


def targets() -> dict[str, str]:
    """Name of each target (scheme and a hash, so that no secret is recorded) -> its Apprise URL."""
    urls = settings.alert_urls()
    return {f"{url.partition('://')[0]}-{hashlib.sha256(url.encode()).hexdigest()[:12]}": url for url in urls}


def deliver(layout: Layout) -> list[str]:
    """Send what is outstanding: one message per release with all its alerts, to each target.

    Returns one line per delivery that failed. Releases from before a target was configured are not sent to it
    when it has never been tried and the release is not the newest with alerts.
    """
    found = targets()
    if not found:
        return []
    deliveries = [
        (row["release"], row["target"], row["delivered"]) for row in journal.read(layout.ledger, "delivery")
    ]
    alerting = [entry for entry in journal.read(layout.ledger, "release") if entry["alerts"]]
    failures = []
    for entry in alerting:
        for name, url in found.items():
            tried = [done for *of, done in deliveries if of == [entry["release"], name]]
            if any(tried) or not (tried or entry is alerting[-1]):
                continue
            row = {"release": entry["release"], "target": name, "delivered": _send(url, entry)}
            journal.append(layout.ledger, "delivery", row | {"at": journal.timestamp(utc_now())})
            if not row["delivered"]:
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
    body = plain("\n\n".join(alert["message"] for alert in entry["alerts"]))
    # Scraped text may hold markup: it is sent as plain text and nothing else (mail would get a part in HTML
    # by default). A failure comes back as False, not as an exception.
    for server in sender:
        server.notify_format = apprise.NotifyFormat.TEXT
    return bool(
        sender.notify(
            body=body, title=plain(rules.title(entry["alerts"]), ""), body_format=apprise.NotifyFormat.TEXT
        )
    )
