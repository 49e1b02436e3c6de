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

# When rows of the datasets among $words changed.
_DATASETS = """SELECT string_agg(
        format('SELECT unnest([known_from, known_to]) AS moment FROM history."{}" UNION ALL ',
        table_name), '')
    FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'history'
    AND list_contains($words, table_name)"""
# When values of the indicators or documents of the sources among $words did, and from when anything is known.
_OTHERS = """SELECT unnest([known_from, known_to]) AS moment FROM derived.indicator_value
        WHERE list_contains($words, indicator)
    UNION ALL SELECT unnest([known_from, known_to]) FROM derived.indicator_headline
        WHERE list_contains($words, indicator)
    UNION ALL SELECT min(known_from) FROM ledger.document WHERE status = 'accepted'
    UNION ALL SELECT known_from FROM ledger.document
        WHERE status = 'accepted' AND list_contains($words, source)"""


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
                told = (claim.claim, claim.text, claim.said_by, claim.said_on, verdict)
                con.execute(
                    "INSERT INTO derived.claim VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                    [*told, " ".join(claim.holds_when.split()), moment],
                )
            before = verdict
    con.execute("RESET VARIABLE as_of")


def _moments(con: duckdb.DuckDBPyConnection, query: str, since: dt.datetime) -> list[dt.datetime]:
    """When, from ``since`` on, the verdict may have changed: whenever one of the indicators, datasets and
    sources that the query names did."""
    given = {"words": re.findall(r"\w+", query)}
    (datasets,) = con.execute(_DATASETS, given).fetchone() or (None,)
    found = con.execute(
        f"SELECT DISTINCT moment FROM ({datasets or ''} {_OTHERS}) WHERE moment >= $since ORDER BY 1",
        given | {"since": since},
    )
    return [moment for (moment,) in found.fetchall()]


def _verdict(con: duckdb.DuckDBPyConnection, claim: Claim, moment: dt.datetime) -> str:
    con.execute(f"SET VARIABLE as_of = TIMESTAMP '{moment}'")
    try:
        row = con.execute(claim.holds_when).fetchone()
    except duckdb.Error:
        return "broken"
    return "undetermined" if row is None or row[0] is None else "holds" if row[0] else "fails"
