"""Claims: published statements kept as queries and tested at every moment something became known."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path

import duckdb
from pydantic import Field

from extractors import yml
from extractors.yml import Definition
from warehouse.store import code_identity
from warehouse.store.code_identity import Identity

FILE = Path(__file__).parent / "claims.yml"


def code() -> Identity:
    """What verdicts rest on besides the build that they are about."""
    return code_identity.of("expectations.claims", definitions=False)


class Claim(Definition):
    """A statement that somebody published, and what must be so for it to hold."""

    claim: str
    """Its name here."""
    text: str
    """What was said, in short."""
    said_by: str
    """Who said it, and where."""
    said_on: dt.date = Field(strict=True)
    """The day it was said."""
    holds_when: str
    """SQL over the views of the published file: true, false, or null where the data cannot tell."""


@cache
def all_claims() -> list[Claim]:
    """The claims of ``claims.yml``; raises ``ValueError`` as ``yml.load`` does."""
    return yml.load(list[Claim], FILE.read_text("utf-8"), FILE.name)


def write(con: duckdb.DuckDBPyConnection, since: dt.datetime) -> None:
    """Fill ``derived.claim``: the verdict on each claim, and from when it stood. Verdicts from before
    ``since`` stay as they are."""
    begin = since.replace(tzinfo=None)
    con.execute("DELETE FROM derived.claim WHERE known_from >= ?", [begin])
    con.execute("UPDATE derived.claim SET known_to = NULL WHERE known_to >= ?", [begin])
    standing = dict(con.execute("SELECT claim, verdict FROM derived.claim WHERE known_to IS NULL").fetchall())
    for claim in all_claims():
        before: str | None = standing.get(claim.claim)
        for moment in _moments(con, claim.holds_when, begin):
            verdict = _verdict(con, claim, moment)
            if verdict != before:
                con.execute(
                    "UPDATE derived.claim SET known_to = ? WHERE claim = ? AND known_to IS NULL",
                    [moment, claim.claim],
                )
                row = [
                    claim.claim,
                    claim.text,
                    claim.said_by,
                    claim.said_on,
                    verdict,
                    " ".join(claim.holds_when.split()),
                    moment,
                ]
                con.execute("INSERT INTO derived.claim VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", row)
            before = verdict
    con.execute("RESET VARIABLE as_of")


def _moments(con: duckdb.DuckDBPyConnection, query: str, since: dt.datetime) -> list[dt.datetime]:
    """When, from ``since`` on, the verdict may have changed: whenever one of the indicators, datasets and
    sources that the query names did."""
    named = set(re.findall(r"\w+", query))
    here = "database_name = current_database()"
    datasets = [
        name
        for (name,) in con.execute(
            f"SELECT table_name FROM duckdb_tables() WHERE {here} AND schema_name = 'history'"
        ).fetchall()
    ]
    ends = ("known_from", "known_to")
    changes = [
        f"SELECT {end} AS moment FROM history.{name}" for name in datasets if name in named for end in ends
    ]
    for table in ("indicator_value", "indicator_headline"):
        changes += [
            f"SELECT {end} AS moment FROM derived.{table} WHERE list_contains($words, indicator)"
            for end in ends
        ]
    # undetermined until something is known
    changes.append("SELECT min(known_from) AS moment FROM ledger.document WHERE status = 'accepted'")
    changes.append(
        "SELECT known_from AS moment FROM ledger.document WHERE status = 'accepted'"
        " AND list_contains($words, source)"
    )
    found = con.execute(
        f"SELECT DISTINCT moment FROM ({' UNION ALL '.join(changes)}) WHERE moment >= $since ORDER BY 1",
        {"words": sorted(named), "since": since},
    )
    return [moment for (moment,) in found.fetchall()]


def _verdict(con: duckdb.DuckDBPyConnection, claim: Claim, moment: dt.datetime) -> str:
    con.execute(f"SET VARIABLE as_of = TIMESTAMP '{moment}'")
    try:
        row = con.execute(claim.holds_when).fetchone()
    except duckdb.Error:
        return "broken"
    return "undetermined" if row is None or row[0] is None else "holds" if row[0] else "fails"
