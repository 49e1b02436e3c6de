"""Make one release: build beside the live file, check, compare, swap in. Each step is a method, called in
this order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from expectations import claims, gate, indicator_checks
from expectations.alerts import rows, rules
from warehouse.build import build, comments, incremental
from warehouse.compare import changes, diff, live, value_log
from warehouse.compare.changes import Change
from warehouse.publish import ledgers, publish
from warehouse.staging import vintage
from warehouse.store import frames, journal, secret
from warehouse.store.paths import Layout

# how a refresh is told decides nothing that is published
if TYPE_CHECKING:
    from flows.refresh.report import Report


@dataclass
class Release:
    """The release of a ``state`` after the ``last`` one; ``report`` is completed, whether or not it is
    published.

    The build extends the last release by what is new, unless ``whole``. With the signature of the last
    release this is a rebuild: the same release, made again from the archive as of the same moment.
    """

    layout: Layout
    state: build.State
    report: Report
    last: dict[str, Any] | None
    signature: str
    whole: bool = False

    def __post_init__(self) -> None:
        same = self.last and self.last["signature"] == self.signature
        same = same and not ledgers.loss(self.layout, self.last or {})  # one that was accepted
        self.again = self.last if same else None
        self.live = live.file(self.layout, self.last["release"]) if self.last else None

    def build(self) -> None:
        """Build and check; ``report.held`` says which failed checks hold the release back."""
        layout, state = self.layout, self.state
        self.name, before = publish.new_name(), None
        if self.again:
            self.name = self.again["release"]
            state = replace(state, at=journal.moment(self.again["released_at"]))
        elif self.last and not self.whole:
            before = self.last["release"]
        self.plan = incremental.plan(layout, state.vintages, before, claims.code().digest)
        for source, known in self.plan.read(state.vintages).items():
            vintage.assure(layout, state.sources[source], known)
        self.built = build.start(layout, state, self.name, self.plan)
        with self.built.kept_if_well():
            if self.plan.claims:
                claims.write(self.built.con, self.plan.claims)
            rows = gate.rows(layout, state.sources, state.vintages, self.plan.told_anew(state.vintages))
            self.report.held = indicator_checks.check_indicators(self.built.con, layout, rows)

    def compare(self) -> None:
        """Find what changes against the live release; write the ledgers of releases and alerts into the
        build."""
        layout, con, last = self.layout, self.built.con, self.last
        with self.built.kept_if_well():
            noticed = rows.noticed(con, last["released_at"]) if last else {}
            now = {"newest": changes.newest_values(con), "claims": changes.verdicts(con), "noticed": noticed}
            known = live.known(layout, last, self.live) if last else changes.Known()
            found = changes.since(con, known, last, now)
            self.report.add(found)
            self.entry = self.again or self._entry(now, found)
            self.report.alerts = [alert["message"] for alert in self.entry["alerts"]]
            self._ledgers()
            comments.write(con)
            if self.report.dry_run:
                self.report.diff = diff.upcoming(con, layout, self.state.vintages, last)

    def publish(self) -> None:
        """Swap the file in, unless it is a dry run or is held back."""
        layout, built = self.layout, self.built
        if self.report.held or self.report.dry_run:
            built.abandon()
            return
        with built.kept_if_well():
            if not self.again:
                value_log.keep(built.con, layout, self.name)
            built.finish()
        if self.again and publish.says_other(built.path, layout.published):
            # What is published under this id holds something else: one id never has two contents.
            self.again, self.whole = None, True
            built.path.unlink()
            self.build()
            self.compare()
            self.publish()
            return
        incremental.save(layout, self.name, built.path, self.plan.basis, self.state.vintages, built.fetches)
        publish.publish(layout, built.path, self.entry)
        self.report.release = self.name

    def _entry(self, now: Mapping[str, Any], found: list[Change]) -> dict[str, Any]:
        """The line of the release ledger."""
        at = journal.timestamp(self.state.at)
        return {
            "release": self.name,
            "released_at": at,
            "code": version("gapwatch"),
            "signature": self.signature,
            "documents": sum(len(known) for known in self.state.vintages.values()),
            **value_log.head(self.layout),
            "secret": secret.mark(self.layout),
            "method": value_log.method(self.layout, self.state.vintages, keep=not self.report.dry_run),
            **now,
            "changes": changes.recorded(found),
            "alerts": rules.of(self.name, at, found, now["noticed"]) if self.last else [],
        }

    def _ledgers(self) -> None:
        """Earlier releases, their changes and alerts, then this one's; those of the build that was begun from
        are there."""
        con, entries = self.built.con, journal.read(self.layout.ledger, "release")
        value_log.released_values(con, self.layout, entries, None if self.again else self.entry, self.live)
        (there,) = con.execute("SELECT count(*) FROM ledger.release").fetchone() or (0,)
        entries = (entries if self.again else [*entries, self.entry])[there:]
        told = [
            item | {name: json.dumps(item.get(name, {}), sort_keys=True) for name in ("newest", "claims")}
            for item in entries
        ]
        frames.insert(con, "ledger.release", told)
        frames.insert(con, "ledger.alert", [alert for item in entries for alert in item["alerts"]])
        kept = [
            {"release": item["release"], "value_before": row.get("before"), "value_after": row.get("after")}
            | row
            for item in entries
            for row in item.get("changes", ())
        ]
        frames.insert(con, "ledger.change", kept)
