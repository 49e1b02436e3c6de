-- views over the derived tables.
CREATE VIEW main.indicator_value AS
    SELECT indicator, period, usa, chn, gap, low, high, leader, unit, coverage, inputs FROM derived.indicator_value WHERE {known};
CREATE VIEW main.indicator_latest AS
    SELECT value.*, indicator.state, indicator.reason
    FROM (FROM derived.indicator_value WHERE {known} QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY period DESC) = 1) AS value
    JOIN ledger.indicator AS indicator USING (indicator);
CREATE VIEW main.indicator_headline AS
    SELECT indicator, statistic, period, "value", low, high, unit FROM derived.indicator_headline WHERE {known};
CREATE VIEW main.claim AS
    SELECT claim, claim_text, said_by, said_on, verdict, query FROM derived.claim WHERE {known};
CREATE VIEW main.break AS
    SELECT indicator, period, side, 'source' AS kind, before || ' → ' || sources AS detail
    FROM (
        SELECT *, lag(sources) OVER (PARTITION BY indicator, side ORDER BY period) AS before
        FROM (
            SELECT indicator, period, input.side AS side, string_agg(DISTINCT input.source, ', ' ORDER BY input.source) AS sources
            FROM (SELECT indicator, period, unnest(inputs) AS input FROM derived.indicator_value WHERE {known})
            GROUP BY ALL
        )
    ) WHERE before <> sources;
