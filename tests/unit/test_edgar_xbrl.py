"""Revenue of segments from inline and plain XBRL: the real reports, their traps, and the checks that keep a
bad one back."""

from __future__ import annotations

import time

import pytest
from conftest import SOURCES, good_document
from lxml import etree
from test_edgar_json import ignored, recorded

from flows.refresh import demo_publishers

SEGMENTS = "sec_segment_revenue"
AMAZON, ALPHABET, MICROSOFT = (
    "0001018724/0001018724-25-000004/2025-02-07",
    "0001652044/0001652044-25-000014/2025-02-05",
    "0000789019/0001193125-15-272806/2015-07-31",
)
FIGURES = {
    (AMAZON, "amzn-10-k-2025-02-07.html"): {
        "": (513983, 574785, 637959),
        "AmazonWebServicesSegmentMember": (80096, 90757, 107556),
        "InternationalSegmentMember": (118007, 131200, 142906),
        "NorthAmericaSegmentMember": (315880, 352828, 387497),
    },
    (ALPHABET, "googl-10-k-2025-02-05.html"): {
        "": (282836, 307394, 350018),
        "AllOtherSegmentsMember": (1068, 1527, 1648),
        "GoogleCloudMember": (26280, 33088, 43229),
        "GoogleServicesMember": (253528, 272543, 304930),
    },
}


def by_segment(found: list[tuple]) -> dict[str, tuple[float, ...]]:
    return {segment: tuple(amounts) for segment, amounts in found}


IN_MILLIONS = (
    "SELECT segment, list(amount / 1e6 ORDER BY period_end) FROM rows GROUP BY segment ORDER BY segment"
)


def numbers(body: bytes) -> list[etree._Element]:
    return [
        element
        for element in etree.fromstring(body).iter()
        if isinstance(element.tag, str) and element.get("unitRef")
    ]


def value_at(body: bytes, locator: str) -> float:
    element = numbers(body)[int(locator.partition("fact ")[2].partition(",")[0]) - 1]
    assert element.get("id") == locator.rpartition("id ")[2]
    return float("".join(element.itertext()).replace(",", "")) * 10 ** int(element.get("scale") or 0)


@pytest.mark.parametrize(("part", "name"), FIGURES)
def test_recorded_inline_report(asked, recordings, part, name):
    body = recorded(recordings, f"sec_filings/{name}")
    seen = asked(SEGMENTS, body, part=part)
    assert seen.outcome == "new", seen.message
    assert by_segment(seen.rows(IN_MILLIONS)) == FIGURES[part, name]
    staged = seen.vintage.staged
    assert staged.quarantined == 0
    assert sum(staged.rows.values()) + ignored(staged) == len(numbers(body))
    assert all(
        value_at(body, locator) == amount for locator, amount in seen.rows("SELECT locator, amount FROM rows")
    )


def test_recorded_plain_instance(asked, recordings):
    """Microsoft's year 2015, before it had an Intelligent Cloud; its segments of that time stand under two
    axes."""
    body = recorded(recordings, "sec_filings/msft-20150630.xml")
    seen = asked(SEGMENTS, body, part=MICROSOFT)
    assert seen.outcome == "new", seen.message
    assert seen.rows("SELECT DISTINCT company, segment, form, concept FROM rows") == [
        ("MICROSOFT CORPORATION", "", "10-K", "SalesRevenueNet")
    ]
    years = seen.rows(
        "SELECT amount / 1e6 FROM rows WHERE period_end - period_start > 360 ORDER BY period_end"
    )
    assert years == [(77849,), (86833,), (93580,)]
    assert all(
        value_at(body, locator) == amount for locator, amount in seen.rows("SELECT locator, amount FROM rows")
    )


def test_recorded_report_is_read_within_seconds(staging, recordings):
    body = recorded(recordings, "sec_filings/googl-10-k-2025-02-05.html")
    began = time.monotonic()
    staging(SEGMENTS, body, ALPHABET)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.9999])
def test_recorded_report_cut_off_is_refused(staging, recordings, share):
    body = recorded(recordings, "sec_filings/googl-10-k-2025-02-05.html")
    assert (
        "not well formed, perhaps cut off"
        in staging(SEGMENTS, body[: int(len(body) * share)], ALPHABET).drift
    )


def test_locators_of_samples_lead_back(staging):
    for entry in demo_publishers.documents(SOURCES[SEGMENTS]):
        staged = staging(SEGMENTS, entry["content"], entry["part"])
        assert sum(staged.rows.values()) + ignored(staged) == len(numbers(entry["content"]))
        assert all(
            value_at(entry["content"], locator) == amount
            for locator, amount in staging.rows(staged, "SELECT locator, amount FROM rows")
        )


def test_samples_pass_their_checks(asked):
    for entry in demo_publishers.documents(SOURCES[SEGMENTS]):
        seen = asked(SEGMENTS, entry["content"], part=entry["part"], url=entry["url"])
        assert seen.outcome == "new", seen.message


def amazon(*changes: tuple[str, str]) -> bytes:
    text = good_document(SEGMENTS, AMAZON)["content"].decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


AWS = (
    'contextRef="c-10" decimals="-6" name="us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"'
    ' format="ixt:num-dot-decimal" scale="6"'
)
AWS_2024 = f'{AWS} id="f-12">107,556<'
IN_2024 = (
    "SELECT amount, printed, scale FROM rows WHERE segment = 'AmazonWebServicesSegmentMember'"
    " AND period_end = '2024-12-31'"
)


def written(new: str) -> bytes:
    """AWS's figure of 2024 written in another way."""
    return amazon(
        (AWS_2024, AWS_2024.replace('format="ixt:num-dot-decimal" scale="6" id="f-12">107,556<', new))
    )


@pytest.mark.parametrize(
    ("new", "stated"),
    [
        ('format="ixt:num-dot-decimal" scale="9" id="f-12">107.556<', (107556e6, "107.556", 9)),
        ('format="ixt:numdotdecimal" scale="6" id="f-12">107 556<', (107556e6, "107556", 6)),
        ('format="ixt:num-comma-decimal" scale="6" id="f-12">107.556<', (107556e6, "107556", 6)),
        ('format="ixt4:num-comma-decimal" scale="9" id="f-12">107,556<', (107556e6, "107.556", 9)),
        ('id="f-12">107556000000<', (107556e6, "107556000000", 0)),
        ('scale="6" sign="-" id="f-12">107556<', (-107556e6, "-107556", 6)),
        ('format="ixt:fixed-zero" scale="6" id="f-12">&#8212;<', (0.0, "0", 6)),
        ('scale="6" id="f-12"><b>107</b>556<', (107556e6, "107556", 6)),
    ],
)
def test_ways_to_write_a_number(staging, new, stated):
    staged = staging(SEGMENTS, written(new), AMAZON)
    # the sum by product stays what it was: one of the two is by another axis
    assert staging.rows(staged, IN_2024) == [stated]


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (
            'format="ixt-sec:numwordsen" scale="6" id="f-12">many<',
            "amount: many in unknown format numwordsen is not a number",
        ),
        (
            'format="ixt:num-dot-decimal" scale="6" id="f-12">n/a<',
            "amount: n/a in format num-dot-decimal is not a number",
        ),
        ('scale="6" id="f-12">107,556<', "amount: 107,556 in format of a plain number is not a number"),
        ('scale="6" id="f-12"><', "amount:  in format of a plain number is not a number"),
    ],
)
def test_what_is_no_number_is_set_aside(staging, new, reason):
    staged = staging(SEGMENTS, written(new), AMAZON)
    assert staging.rows(staged, "SELECT reason FROM quarantine") == [(reason,)]


def test_nil_is_no_value(staging):
    xsi = ("<html ", '<html xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ')
    body = amazon(
        xsi, (AWS_2024, AWS_2024.replace('scale="6" id="f-12">107,556<', 'xsi:nil="true" id="f-12"><'))
    )
    staged = staging(SEGMENTS, body, AMAZON)
    assert staged.ignored["company_revenue"]["no value: marked as nil"] == 1
    assert staging.rows(staged, IN_2024) == []


def repeated(value: str, decimals: str = "-6") -> bytes:
    """AWS's figure of 2024 again, in a second place."""
    name = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
    again = (
        f'<ix:nonFraction unitRef="usd" contextRef="c-10" decimals="{decimals}" name="{name}" scale="0"'
        f' id="f-99">{value}</ix:nonFraction>'
    )
    return amazon(("</table>", f"</table><p>{again}</p>"))


def test_same_number_twice_is_one_fact(staging):
    staged = staging(SEGMENTS, repeated("107556000000"), AMAZON)
    assert staged.ignored["company_revenue"]["the same fact again"] == 1
    assert staging.rows(staged, IN_2024) == [(107556e6, "107556", 6)]


def test_rounded_number_is_the_same_fact(staging):
    staged = staging(SEGMENTS, repeated("107600000000", "-8"), AMAZON)
    assert staged.ignored["company_revenue"]["the same fact again"] == 1
    assert staging.rows(staged, IN_2024) == [(107556e6, "107556", 6)]


@pytest.mark.parametrize(
    ("value", "decimals"), [("107557000000", "-6"), ("107000000000", "-8"), ("107556", "-6")]
)
def test_two_values_for_one_fact_are_both_set_aside(staging, value, decimals):
    staged = staging(SEGMENTS, repeated(value, decimals), AMAZON)
    reasons = [reason for (reason,) in staging.rows(staged, "SELECT reason FROM quarantine")]
    assert len(reasons) == 2
    for reason in reasons:
        assert "AmazonWebServicesSegmentMember" in reason
        assert f"{value} at fact 16, id f-99" in reason
    assert staging.rows(staged, IN_2024) == []


MEMBER = (
    "<xbrldi:explicitMember"
    ' dimension="us-gaap:StatementBusinessSegmentsAxis">amzn:AmazonWebServicesSegmentMember</'
    "xbrldi:explicitMember>"
)
OPERATING = (
    "<xbrldi:explicitMember"
    ' dimension="srt:ConsolidationItemsAxis">us-gaap:OperatingSegmentsMember</xbrldi:explicitMember>'
)
COUNTRY = (
    '<xbrldi:explicitMember dimension="srt:StatementGeographicalAxis">country:DE</xbrldi:explicitMember>'
)
TYPED = '<xbrldi:typedMember dimension="amzn:RegionAxis"><amzn:region>1</amzn:region></xbrldi:typedMember>'


@pytest.mark.parametrize(
    "further",
    [COUNTRY, TYPED, OPERATING.replace("OperatingSegments", "IntersegmentElimination"), OPERATING + COUNTRY],
)
def test_further_axes_are_left_out(staging, further):
    staged = staging(SEGMENTS, amazon((MEMBER, MEMBER + further)), AMAZON)
    assert staging.rows(
        staged, "SELECT count(*) FROM rows WHERE segment = 'AmazonWebServicesSegmentMember'"
    ) == [(0,)]
    assert staged.ignored["company_revenue"]["by product, region or another axis"] == 6


def test_line_before_eliminations_is_the_segments_own(staging):
    """Where it is the only one; beside the segment's line without that mark it is left out, whatever it
    says."""
    staged = staging(SEGMENTS, amazon((MEMBER, MEMBER + OPERATING)), AMAZON)
    assert staging.rows(staged, IN_2024) == [(107556e6, "107556", 6)]
    product = (
        "<xbrldi:explicitMember"
        ' dimension="srt:ProductOrServiceAxis">amzn:AmazonWebServicesMember</xbrldi:explicitMember>'
    )
    staged = staging(
        SEGMENTS,
        amazon(
            (product, MEMBER + OPERATING),
            ("107,556</ix:nonFraction></td></tr>\n</table>", "109,000</ix:nonFraction></td></tr>\n</table>"),
        ),
        AMAZON,
    )
    assert staging.rows(staged, IN_2024) == [(107556e6, "107556", 6)]
    assert staged.ignored["company_revenue"]["also stated without OperatingSegmentsMember"] == 3


def test_axis_in_a_scenario_and_prefixes_of_choice(staging):
    moved = amazon(("<xbrli:segment>", "<!---->"), ("</xbrli:segment></xbrli:entity>", "</xbrli:entity>"))
    text = moved.decode()
    for number in range(1, 20):
        start = text.find(f'<xbrli:context id="c-{number}">')
        end = text.find("</xbrli:context>", start)
        if start >= 0 and "<!---->" in text[start:end]:
            context = text[start:end]
            member = context[context.index("<!---->") + 7 : context.index("</xbrli:entity>")]
            text = text.replace(
                context,
                context.replace("<!---->" + member, "") + f"<xbrli:scenario>{member}</xbrli:scenario>",
            )
    body = (
        text.replace("us-gaap:", "gaap:")
        .replace("xmlns:us-gaap", "xmlns:gaap")
        .replace("dei:", "about:")
        .replace("xmlns:dei", "xmlns:about")
    )
    assert "scenario" in body
    staged = staging(SEGMENTS, body.encode(), AMAZON)
    assert by_segment(staging.rows(staged, IN_MILLIONS)) == FIGURES[AMAZON, "amzn-10-k-2025-02-07.html"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            [('contextRef="c-9"', 'contextRef="c-99"')],
            "its context 'c-99' or unit 'usd' is not in the document",
        ),
        ([('unitRef="usd"', 'unitRef="eur"')], "or unit 'eur' is not in the document"),
        ([('scale="6"', 'scale="million"')], "scale or decimals cannot be read"),
        ([('scale="6"', 'scale="6" sign="+"')], "sign is '+'"),
        ([("dei:EntityRegistrantName", "dei:Security12bTitle")], "does not say ['EntityRegistrantName']"),
        ([("0001018724", "0001652044")], "is about company 0001652044"),
        ([("</body>", "")], "not well formed"),
        ([("xmlns:ix=", "xmlns:iy=")], "not well formed"),
        ([("http://www.xbrl.org/2013/inlineXBRL", "http://example.org/inlineXBRL")], "holds no XBRL"),
    ],
)
def test_report_that_cannot_be_read_is_refused(staging, changes, says):
    assert says in staging(SEGMENTS, amazon(*changes), AMAZON).drift


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("iso4217:USD", "iso4217:EUR", "revenue in EUR"),
        (
            "<xbrli:measure>iso4217:USD</xbrli:measure>",
            "<xbrli:measure>iso4217:USD</xbrli:measure><xbrli:measure>xbrli:shares</xbrli:measure>",
            "a unit of iso4217:USD per xbrli:shares",
        ),
    ],
)
def test_facts_in_another_unit_are_set_aside(staging, old, new, says):
    staged = staging(SEGMENTS, amazon((old, new)), AMAZON)
    assert staged.rows == {"company_revenue": 0}
    assert {says in reason for (reason,) in staging.rows(staged, "SELECT reason FROM quarantine")} == {True}


@pytest.mark.parametrize("part", ["", "0001018724", "0001018724/2025-02-07"])
def test_part_must_name_the_filing(staging, part):
    assert "the part must be" in staging(SEGMENTS, amazon(), part).drift


DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access'
    b" Denied</Message></Error>"
)


def test_missing_file_and_refusal_are_told_apart(asked):
    missing = asked(SEGMENTS, DENIED, part=AMAZON, status=403, media="application/xml")
    assert (missing.outcome, "there is no such file" in missing.message) == ("rejected", True), (
        missing.message
    )
    assert (
        asked(
            SEGMENTS, b"<html><title>Undeclared Automated Tool</title></html>", part=AMAZON, status=403
        ).outcome
        == "blocked"
    )
    page = asked(SEGMENTS, b"<html><title>Request Rate Threshold Exceeded</title></html>", part=AMAZON)
    assert page.outcome == "rejected", (
        "a page for people is never taken for a report, which would not be asked for again"
    )


def test_segment_at_a_tenth_is_kept_back(asked):
    """The segments no longer add up to the whole, in one year or in all."""
    seen = asked(SEGMENTS, amazon(("387,497<", "38,749<")), part=AMAZON)
    assert (seen.outcome, "segments add up to the whole" in seen.message) == ("failed", True), seen.message
    every = [("315,880<", "31,588<"), ("352,828<", "35,282<"), ("387,497<", "38,749<")]
    seen = asked(SEGMENTS, amazon(*every), part=AMAZON)
    assert (seen.outcome, "segments add up to the whole" in seen.message) == ("failed", True), seen.message


def test_another_scale_is_kept_back(asked):
    """Thousands taken for millions: all in step, so only the size tells."""
    seen = asked(SEGMENTS, amazon(('scale="6"', 'scale="9"')), part=AMAZON)
    assert (seen.outcome, "revenue of a whole company is possible" in seen.message) == ("failed", True), (
        seen.message
    )


def test_report_without_revenue_is_kept_back(asked):
    seen = asked(
        SEGMENTS,
        amazon(("us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax", "us-gaap:CostOfRevenue")),
        part=AMAZON,
    )
    assert (seen.outcome, "states the revenue of the whole company" in seen.message) == ("failed", True), (
        seen.message
    )
