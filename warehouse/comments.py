"""COMMENT ON every table, view and column of the published file, from the words beside their definitions."""

from __future__ import annotations

import re

import duckdb

from extractors.sql import literal
from warehouse import schema

# Words for what no CREATE TABLE of surface.sql or datasets/ says: the views over derived tables, and lineage.
_VIEWS = {
    "main.indicator_value": "Every value of every indicator, as of the variable as_of",
    "main.indicator_latest": "The newest value of every indicator, as of the variable as_of, and whether it is stale",
    "main.indicator_headline": "Statistics over an indicator's series, as of the variable as_of",
    "main.lineage": "Where every value of every indicator came from: one row per value and input, as of the variable as_of",
    "main.released_value": "Every value of every indicator as we had said it at the variable as_released, whatever is known since",
    "main.released_headline": "Statistics over an indicator's series as we had said them at the variable as_released",
    "main.claim": "Published statements that are tested again on every release, as of the variable as_of",
    "main.event": "Events of policy, each once: reviewed dates and meanings with what the Federal Register prints, as of the variable as_of",
    "main.affiliation": "Every affiliation that a dataset prints, with its country; one row per institution that it names",
    "main.talent_slot": "Authors of accepted papers with the country of their first-listed affiliation, as of the variable as_of",
    "main.talent_weight": "The weight of each author slot for a country, by unit and attribution, as of the variable as_of",
    "main.talent_share": "Shares of every country in the authors of an edition, per source, unit and attribution, as of the variable as_of",
    "main.unmapped_organisation": "Names of organisations that give no country, as of the variable as_of",
    "main.break": "Periods at which an indicator's series is not comparable with the period before",
}
_VIEWED = {"released_value": "said", "released_headline": "said"}  # views that show columns of another table
_COLUMNS = {
    "known_from": "from when on this was what the sources said, UTC",
    "known_to": "until when; null: still",
    "document": "SHA-256 of the document",
    "locator": "place in the document, such as a record and column, a JSON path or a cell; gapwatch trace shows what stands there",
    "record": "number of the record in the document, from 1; null where it has none",
    "place": "what follows the record number in the locator",
    "indicator_latest.state": "'fresh', 'stale' (a source of the newest value is) or 'empty', at the release",
    "indicator_latest.reason": "why it is stale or empty",
    "event.event": "document number in the Federal Register where it is a rule, else an id of our own",
    "event.topic": "what it is about; an indicator names the topic whose events annotate it",
    "event.event_on": "day of the event: the reviewed one, else of publication",
    "event.printed_on": "day of publication in the Federal Register; null: not found there",
    "event.effective_on": "day from which it applies, the first of several stages",
    "event.title": "title in plain words if reviewed, else as printed",
    "event.printed_title": "title as the Federal Register prints it",
    "event.summary": "what it does: one sentence if reviewed, else the abstract as printed",
    "event.kind": "'rule', 'announcement' or 'order'",
    "event.direction": "'tightens', 'loosens', 'clarifies' or 'suspends'; null: not reviewed",
    "event.affects": "what it controls; null: not reviewed",
    "event.citation": "volume and first page in the Federal Register",
    "event.url": "page that says it",
    "event.reviewed": "whether people reviewed it",
    "conference": "the conference: 'NeurIPS'",
    "edition": "edition of the conference: first day of its year",
    "talent_slot.source": "source that lists the paper",
    "talent_slot.paper": "key of the paper within an edition, the same in every source",
    "talent_slot.title": "title of the paper",
    "talent_slot.track": "track of the conference; null: the source does not say",
    "talent_slot.position": "place of the author among the paper's authors, from 1",
    "talent_slot.authors": "number of authors of the paper",
    "talent_slot.author": "key of the author within the edition, made with a secret of this installation",
    "talent_weight.source": "source that lists the papers",
    "talent_share.source": "source that lists the papers",
    "talent_weight.unit": "'slots' (authors of papers), 'authors' (distinct ones) or 'fractional' (a slot spread over its institutions)",
    "talent_weight.attribution": "'location' (of the unit named) or 'headquarters' (of its owner)",
    "talent_weight.country": "ISO 3166-1 alpha-2; null: not resolved",
    "talent_weight.weight": "what the row counts for, in slots or authors",
    "talent_share.unit": "'slots' (authors of papers), 'authors' (distinct ones) or 'fractional' (a slot spread over its institutions)",
    "talent_share.attribution": "'location' (of the unit named) or 'headquarters' (of its owner)",
    "talent_share.country": "ISO 3166-1 alpha-2; null: not resolved",
    "talent_share.weight": "slots or authors counted for the country",
    "talent_share.share": "per cent of all slots or authors of the edition, also of those that are not resolved",
    "talent_share.low": "share if none that is not resolved belongs to the country, per cent",
    "talent_share.high": "share if all that are not resolved belong to the country, per cent",
    "said.value": "the statistic as released, in the unit of the indicator",
    "lineage.side": "'USA' or 'CHN', whose side of the value it is in; anything else, such as 'other' or 'factor', is in neither",
    "lineage.dataset": "dataset that holds the row, a view of that name",
    "lineage.url": "address the document came from; null: an old document that was added by hand",
    "lineage.known_from": "from when on the source said so, UTC: when the document was fetched or, if earlier, published",
    "lineage.received_at": "when we received the document, UTC",
    "lineage.value": "the input, in the unit of its dataset, or the weight it counts with",
    "unmapped_organisation.dataset": "dataset that holds the name",
    "unmapped_organisation.source": "source that states it",
    "unmapped_organisation.organisation": "the name as printed",
    "unmapped_organisation.reason": "'no alias', or 'not valid then': its organisation has no line for these periods",
    "unmapped_organisation.rows": "number of rows with the name",
    "unmapped_organisation.newest_period": "newest period of these rows",
    "break.side": "'USA' or 'CHN'; null: both, or neither alone",
    "break.kind": "'source': the side is stated by another source than in the period before; 'method': the indicator found it; else as reviewed",
    "break.detail": "what changed, from what to what",
    "break.url": "page that says so, for a reviewed one",
}


def write(con: duckdb.DuckDBPyConnection, surface: str) -> None:
    """Comment on everything in the default catalogue; ``surface`` is the SQL of its tables. Raises ``ValueError`` where words are missing."""
    words, tables = dict(_COLUMNS), dict(_VIEWS)
    table = ""
    for match in re.finditer(r'^CREATE TABLE ([\w."]+) \(\s+-- (.+)$|^    "?(\w+)"?\s+[A-Z{][^-]*-- (.+)$', surface, re.MULTILINE):
        if match[1]:
            tables[match[1]] = match[2]
            table = match[1].split(".")[1]
        else:
            words.setdefault(match[3], match[4])
            words[f"{table}.{match[3]}"] = match[4]
    for dataset in schema.all_datasets().values():
        tables |= {f"history.{dataset.name}": f"All versions of {dataset.comment}", f"main.{dataset.name}": dataset.comment}
        words |= {f"{dataset.name}.{column.name}": column.comment for column in dataset.columns}
    here = "database_name = current_database() AND NOT internal"
    listed = con.execute(
        f"""SELECT schema_name, table_name, 'TABLE' FROM duckdb_tables() WHERE {here}
        UNION ALL SELECT schema_name, view_name, 'VIEW' FROM duckdb_views() WHERE {here} ORDER BY ALL"""
    ).fetchall()
    con.execute("BEGIN")  # one by one, two thousand statements take seconds
    for schema_name, name, kind in listed:
        text = tables.get(f"{schema_name}.{name}") or tables.get(f"ledger.{name}")
        if text is None:
            raise ValueError(f"{schema_name}.{name} has no comment")
        con.execute(f'COMMENT ON {kind} {schema_name}."{name}" IS {literal(text)}')
        columns = con.execute(
            f"SELECT column_name FROM duckdb_columns() WHERE {here} AND schema_name = ? AND table_name = ?", [schema_name, name]
        ).fetchall()
        for (column,) in columns:
            said = words.get(f"{_VIEWED.get(name, name)}.{column}") or words.get(column)
            if said is None:
                raise ValueError(f"{schema_name}.{name}.{column} has no comment")
            con.execute(f'COMMENT ON COLUMN {schema_name}."{name}"."{column}" IS {literal(said)}')
    con.execute("COMMIT")
