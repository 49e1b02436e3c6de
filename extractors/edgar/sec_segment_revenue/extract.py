"""SEC EDGAR, annual and quarterly reports: revenue of segments, from the XBRL in the report itself."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

from extractors.contract import Ask, Document, Frames, LayoutChanged, Records, Row, UnreadableRecord
from extractors.edgar import json_api
from extractors.formats import xbrl

# the others file forms 20-F and 6-K, once a year with XBRL
FOLLOWED = ("0000789019", "0001018724", "0001045810", "0001652044")
# Amendments are left out: they are exhibits and Part III as a rule; a restated total comes with companyfacts.
FORMS = ("10-K", "10-Q")
SINCE = "2019-07-01"  # inline XBRL was required of large companies for periods that ended after 15 June 2019
ARCHIVE = "https://www.sec.gov/Archives/edgar/data"
SEGMENT = "us-gaap:StatementBusinessSegmentsAxis"
# Says that a segment's line is before eliminations. The same as the line without it, where there is one.
OPERATING = (
    ("srt:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember"),
    ("us-gaap:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember"),
)
REVENUE = tuple(f"us-gaap:{concept}" for concept in json_api.REVENUE)

KEY = ("segment", "concept", "currency", "period_start", "period_end")


def follow(document: Document) -> list[Ask]:
    """Reports with inline XBRL among a company's newest filings, newest first. A part is
    'CIK/accession number/day of filing', since the report itself does not say the last two. A filing that is
    not listed as the others are is left out, and listed again the next time."""
    cik, _, filings = json_api.filings(document)
    asks = []
    for filing in filings:
        number, filed, main = (filing[name] for name in ("accessionNumber", "filingDate", "primaryDocument"))
        if cik not in FOLLOWED or filing["form"] not in FORMS or filing["isInlineXBRL"] != "1":
            continue
        if number and filed and main and filed >= SINCE:
            url = f"{ARCHIVE}/{int(cik)}/{number.replace('-', '')}/{main}"
            with suppress(UnreadableRecord):
                asks.append(Ask(f"{cik}/{number}/{filed}", url, json_api.accepted(filing, number)))
    return asks


def _ignored(fact: xbrl.Fact) -> str | None:
    if fact.concept not in REVENUE:
        return "concept other than revenue"
    axes = fact.context.dimensions
    further = [pair for pair in axes.items() if pair[0] != SEGMENT]
    if further and (SEGMENT not in axes or any(pair not in OPERATING for pair in further)):
        return "by product, region or another axis"
    return "no value: marked as nil" if fact.nil else None


def _number(fact: xbrl.Fact) -> tuple[str, str | None]:
    """Amount and the number as printed; what is no number stays as printed, for quarantine."""
    try:
        return format(fact.amount, "f"), fact.printed
    except (ValueError, ArithmeticError) as error:
        return str(error), None


def _settle(rows: list[tuple[xbrl.Fact, Row]]) -> None:
    """Keep one fact of those about the same: without OperatingSegmentsMember before with, then the most
    exact.
    Two of them that differ by more than the rounding that they themselves declare both go to quarantine."""
    best: dict[tuple[str | None, ...], tuple[xbrl.Fact, Row]] = {}
    for fact, row in sorted(rows, key=lambda pair: (len(pair[0].context.dimensions), -pair[0].decimals)):
        first, kept = best.setdefault(tuple(row[column] for column in KEY), (fact, row))
        if kept is row:
            continue
        row["_ignored"] = "the same fact again"
        if len(first.context.dimensions) != len(fact.context.dimensions):
            row["_ignored"] = "also stated without OperatingSegmentsMember"
        elif abs(first.amount - fact.amount) > Decimal(10) ** int(-min(fact.decimals, 12)) / 2:
            what = " ".join(str(row[column]) for column in KEY)
            row["_ignored"] = None
            kept["amount"] = row["amount"] = (
                f"{what} is {kept['printed']} at {first.place} and {row['printed']} at {fact.place}; which"
                " one holds?"
            )


def parse(document: Document) -> Frames:
    """Main document of a form 10-K or 10-Q with inline XBRL, or a plain XBRL instance. Facts of the revenue
    concepts for the whole company (segment '') and for each reported segment, named by the local name of its
    member. Unit: as tagged, a currency, scaled by the fact's own power of ten. Facts by further axes
    (products, regions) repeat these and are not taken.
    Source: https://www.sec.gov/Archives/edgar/data/"""
    try:
        cik, filing, filed = document.part.split("/")
    except ValueError as error:
        raise LayoutChanged(
            f"{document.name}: the part must be 'CIK/accession number/day of filing', and is"
            f" {document.part!r}"
        ) from error
    instance = xbrl.read(document.name, document.content, REVENUE)
    about = instance.about
    if missing := {"EntityRegistrantName", "EntityCentralIndexKey", "DocumentType"} - set(about):
        raise LayoutChanged(
            f"{document.name}: does not say {sorted(missing)}; is it the main document of a report?"
        )
    if about["EntityCentralIndexKey"].zfill(10) != cik:
        raise LayoutChanged(
            f"{document.name}: is about company {about['EntityCentralIndexKey']}, not the one that was asked"
            " for"
        )
    numbers: list[tuple[xbrl.Fact, Row]] = []

    def read(place: str, fact: xbrl.Fact) -> Row:
        reason = _ignored(fact)
        amount, printed = (None, None) if reason else _number(fact)
        row: Row = {
            "company": about["EntityRegistrantName"],
            "segment": fact.context.dimensions.get(SEGMENT, "").rpartition(":")[2],
            "measure": None if reason else json_api.measure(cik, fact.unit, f"{document.name}, {place}"),
            "concept": fact.concept.rpartition(":")[2],
            "currency": fact.unit,
            "period_end": fact.context.end,
            "period_start": fact.context.start,
            "filing": filing,
            "amount": amount,
            "printed": printed,
            "scale": str(fact.scale),
            "filed_on": filed,
            "form": about["DocumentType"],
            "_locator": place,
            "_ignored": reason,
        }
        if printed:
            numbers.append((fact, row))
        return row

    found = Records.of(((fact.place, fact) for fact in instance.facts), read)
    _settle(numbers)
    return {"company_revenue": found}
