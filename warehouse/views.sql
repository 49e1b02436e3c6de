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
