"""Affiliations are resolved once and remembered; what is remembered is no part of a build that does not print
it."""

from __future__ import annotations

import duckdb

from warehouse.build import derived
from warehouse.build.derived import affiliation as affiliations
from warehouse.store.paths import Layout


def written(layout: Layout, *printed: str) -> list[tuple]:
    """The rows of ``derived.affiliation`` of a build that prints these."""
    with duckdb.connect() as con:
        for schema in ("history", "derived"):
            con.execute(f"CREATE SCHEMA {schema}")
        con.execute(derived.all_tables()["affiliation"].sql)
        con.execute(
            "CREATE TABLE history.author_slot AS"
            " SELECT unnest(?::VARCHAR[]) AS affiliation, NULL::VARCHAR AS domain",
            [list(printed)],
        )
        affiliations.write(con, layout, {})
        return con.execute(
            "SELECT affiliation, part, parts, country_location, tier FROM derived.affiliation ORDER BY ALL"
        ).fetchall()


def test_what_is_remembered_is_no_part_of_another_build(tmp_path):
    layout = Layout(tmp_path)
    both = written(layout, "Google", "DeepMind / Stanford University", "Google")
    assert [row[:4] for row in both] == [
        ("DeepMind / Stanford University", 1, 2, "GB"),
        ("DeepMind / Stanford University", 2, 2, "US"),
        ("Google", 1, 1, "US"),
    ]
    assert written(layout, "Google") == both[2:]
    assert written(layout, "Google", "Nobody Knows Ltd") == [
        *both[2:],
        ("Nobody Knows Ltd", 1, 1, None, "unresolved"),
    ]
    assert written(layout, "Google", "DeepMind / Stanford University") == both
