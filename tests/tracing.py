"""What tests share that ask where values came from."""

from __future__ import annotations

from running import Gapwatch

from flows.commands import trace
from warehouse.store.paths import Layout


def every_input(run: Gapwatch) -> list[trace.Input]:
    """Every input of every version of every value, each once, with the text that stands at its place."""
    with run.published() as con:
        found = con.execute(
            """SELECT DISTINCT i.side, i.dataset, i.source, i.document, i.locator, i."value"
            FROM (SELECT unnest(inputs) AS i FROM derived.input_list) ORDER BY ALL"""
        )
        names = [column[0] for column in found.description]
        return trace.inputs_of(
            Layout(run.data), con, [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        )
