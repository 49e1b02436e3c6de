"""European Central Bank: euro foreign exchange reference rates, US dollar and renminbi."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records
from extractors.formats.packed import zip_member
from extractors.formats.tabular import Layout, csv_records

MEMBER = "eurofxref-hist.csv"
UNPACKED = 20_000_000
KEPT = ("USD", "CNY")
# Currencies that joined the euro stay in the file.
CURRENCIES = (
    *("USD", "JPY", "BGN", "CYP", "CZK", "DKK", "EEK", "GBP", "HUF", "LTL", "LVL", "MTL"),
    *("PLN", "ROL", "RON", "SEK", "SIT", "SKK", "CHF", "ISK", "NOK", "HRK", "RUB", "TRL"),
    *("TRY", "AUD", "BRL", "CAD", "CNY", "HKD", "IDR", "ILS", "INR", "KRW", "MXN", "MYR"),
    *("NZD", "PHP", "SGD", "THB", "ZAR"),
)
RATES = Layout(
    MEMBER,
    {
        "Date": "day",
        # other currencies convert nothing here
        **{code: code if code in KEPT else None for code in CURRENCIES},
        "": None,  # each line ends with a comma
    },
)


def parse(document: Document) -> Frames:
    """CSV, as a rule in a zip, one line per working day since 1999. Unit: units of the currency for one euro.
    'N/A' is no rate: the renminbi has none before April 2005. A rate between two other currencies is a cross
    rate, derived from these.
    Source: https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"""
    if document.content.startswith(b"PK"):
        member, content = zip_member(document, [MEMBER], UNPACKED)
        inside = f"member {member}, "
    else:
        content, inside = document.content, ""
    _, records, unreadable = csv_records(document, content, [RATES], f", {inside}".rstrip(", "))
    rows: list[dict[str, str | None]] = [
        {
            "base": "EUR",
            "currency": code,
            "day": record["day"],
            "rate": record[code],
            "_locator": f"{inside}record {record['_n']}, column {code}",
            "_ignored": "no rate of that day (N/A)" if record[code] is None else None,
        }
        for record in records
        for code in KEPT
    ]
    return {"exchange_rate": Records(rows, unreadable)}
