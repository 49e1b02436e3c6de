-- views: what analysts open, in main. What stands in braces is filled in by build.py.
CREATE VIEW main.release AS FROM ledger.release;
CREATE VIEW main.alert AS FROM ledger.alert;
CREATE VIEW main.source AS FROM ledger.source;
CREATE VIEW main.document AS FROM ledger.document WHERE known_from <= {moment};
CREATE VIEW main.fetch AS FROM ledger.fetch;
CREATE VIEW main.check_result AS FROM ledger.check_result;
CREATE VIEW main.quarantine AS FROM ledger.quarantine;
CREATE VIEW main.indicator AS FROM ledger.indicator;
CREATE VIEW main.indicator_value AS
    SELECT indicator, series, period, usa, chn, gap, low, high, leader, unit, coverage, "break", inputs
    FROM derived.indicator_value WHERE {known};
CREATE VIEW main.indicator_latest AS
    SELECT value.*, indicator.state, indicator.reason
    FROM (FROM derived.indicator_value WHERE {known} QUALIFY row_number() OVER (PARTITION BY indicator, series ORDER BY period DESC) = 1) AS value
    JOIN ledger.indicator AS indicator USING (indicator);
-- The document is shown as its source first stated it, though it may have come again later.
CREATE VIEW main.lineage AS
    SELECT indicator, series, period, input.side AS side, input.dataset AS dataset, input.source AS source, input.document AS document,
        stated.url AS url, stated.known_from AS known_from, stated.received_at AS received_at, source.licence AS licence, input.locator AS locator,
        input."value" AS "value"
    FROM (SELECT indicator, series, period, unnest(inputs) AS input FROM derived.indicator_value WHERE {known})
    LEFT JOIN (FROM ledger.document QUALIFY row_number() OVER (PARTITION BY document, source ORDER BY known_from) = 1) AS stated
        ON stated.document = input.document AND stated.source = input.source
    LEFT JOIN ledger.source AS source ON source.source = input.source;
CREATE VIEW main.indicator_headline AS
    SELECT indicator, series, statistic, period, "value", low, high, unit FROM derived.indicator_headline WHERE {known};
CREATE VIEW main.claim AS
    SELECT claim, claim_text, said_by, said_on, verdict, query FROM derived.claim WHERE {known};
CREATE VIEW main.break AS
    SELECT indicator, series, period, side, 'source' AS kind, before || ' → ' || sources AS detail, NULL::VARCHAR AS url
    FROM (
        SELECT *, lag(sources) OVER (PARTITION BY indicator, series, side ORDER BY period) AS before
        FROM (
            SELECT indicator, series, period, input.side AS side, string_agg(DISTINCT input.source, ', ' ORDER BY input.source) AS sources
            FROM (SELECT indicator, series, period, unnest(inputs) AS input FROM derived.indicator_value WHERE {known})
            GROUP BY ALL
        )
    ) WHERE before <> sources
    UNION ALL
    SELECT indicator, series, period, NULL, 'method', "break", NULL FROM derived.indicator_value WHERE {known} AND "break" IS NOT NULL
    UNION ALL
    SELECT indicator, series, period, side, kind, detail, url FROM reference.series_break WHERE period <= {moment};
-- Each event of policy once. A reviewed event that is a rule is called by its document number in the Federal Register,
-- so the two meet by it: date, title and meaning are the reviewed ones, what is printed comes from the Federal Register.
CREATE VIEW main.event AS
    WITH reviewed AS (FROM main.policy_event WHERE source = 'policy_events'),
        printed AS (FROM main.policy_event WHERE source = 'federal_register_rules')
    SELECT coalesce(reviewed.event, printed.event) AS event,
        coalesce(reviewed.topic, printed.topic) AS topic,
        coalesce(reviewed.event_on, printed.event_on) AS event_on,
        printed.event_on AS printed_on,
        coalesce(printed.effective_on, reviewed.effective_on) AS effective_on,
        coalesce(reviewed.title, printed.title) AS title,
        printed.title AS printed_title,
        coalesce(reviewed.summary, printed.summary) AS summary,
        coalesce(reviewed.kind, printed.kind) AS kind,
        reviewed.direction,
        reviewed.affects,
        coalesce(printed.citation, reviewed.citation) AS citation,
        coalesce(printed.url, reviewed.url) AS url,
        reviewed.event IS NOT NULL AS reviewed
    FROM reviewed FULL JOIN printed ON reviewed.event = printed.event;
