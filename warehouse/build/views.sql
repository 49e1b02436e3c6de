-- views: what analysts open, in main. What stands in braces is filled in by build.py.
-- A view or column without words here takes those of the table, or of the equally named column, that it reads.

CREATE VIEW main.schema_version AS SELECT 2 AS schema_version;
COMMENT ON VIEW main.schema_version IS
    'The form of this file: the number grows when a view or a column gets another name or meaning';
COMMENT ON COLUMN main.schema_version.schema_version IS
    'number of the form; a name that was replaced stays for one release, marked so in its comment';

CREATE VIEW main.release AS FROM ledger.release;
CREATE VIEW main.alert AS FROM ledger.alert;
CREATE VIEW main.source AS FROM ledger.source;
CREATE VIEW main.document AS FROM ledger.document WHERE known_from <= {moment};
CREATE VIEW main.fetch AS FROM ledger.fetch;
CREATE VIEW main.check_result AS FROM ledger.check_result;
CREATE VIEW main.quarantine AS FROM ledger.quarantine;
CREATE VIEW main.indicator AS FROM ledger.indicator;

CREATE VIEW main.layout_change AS
    SELECT new.source, new.document, new.known_from, new.place, new.change, new.field, new.note, good.document AS last_good
    FROM ledger.layout_difference AS new
    LEFT JOIN LATERAL (
        SELECT document, known_from FROM ledger.document AS one
        WHERE one.source = new.source AND one.status = 'accepted' AND one.known_from < new.known_from
        ORDER BY one.known_from DESC, document LIMIT 1
    ) AS good ON true
    LEFT JOIN ledger.layout_difference AS old ON old.source = new.source AND old.document = good.document
        AND old.known_from = good.known_from AND old.place = new.place AND old.change = new.change AND old.field = new.field
    WHERE new.known_from <= {moment} AND old.document IS NULL
        AND (good.document IS NOT NULL OR new.change NOT IN ('added', 'gone'));
COMMENT ON VIEW main.layout_change IS
    'What is new in the layout of a document, against the last accepted one of its source before it';
COMMENT ON COLUMN main.layout_change.document IS 'SHA-256 of the document';
COMMENT ON COLUMN main.layout_change.known_from IS 'when that document was known, UTC';
COMMENT ON COLUMN main.layout_change.last_good IS
    'SHA-256 of that last accepted document; null: there was none yet';

CREATE VIEW main.indicator_value AS
    SELECT indicator, series, period, usa, chn, gap, low, high, leader, unit, coverage, "break", inputs
    FROM derived.indicator_value LEFT JOIN derived.input_list USING (input_list) WHERE {known};
COMMENT ON VIEW main.indicator_value IS 'Every value of every indicator, as of the variable as_of';

CREATE VIEW main.indicator_latest AS
    SELECT value.* EXCLUDE (input_list, known_from, known_to), inputs, known_from, known_to, indicator.state, indicator.reason
    FROM (FROM derived.indicator_value WHERE {known} QUALIFY row_number() OVER (PARTITION BY indicator, series ORDER BY period DESC) = 1) AS value
    LEFT JOIN derived.input_list USING (input_list)
    JOIN ledger.indicator AS indicator USING (indicator);
COMMENT ON VIEW main.indicator_latest IS
    'The newest value of every indicator, as of the variable as_of, and whether it is stale';
COMMENT ON COLUMN main.indicator_latest.state IS
    '''fresh'', ''stale'' (a source of the newest value is) or ''empty'', at the release';

-- The document is shown as its source first stated it, though it may have come again later.
CREATE VIEW main.lineage AS
    SELECT indicator, series, period, input.side AS side, input.dataset AS dataset, input.source AS source, input.document AS document,
        stated.url AS url, stated.known_from AS known_from, stated.received_at AS received_at, source.licence AS licence, input.locator AS locator,
        input."value" AS "value"
    FROM (SELECT indicator, series, period, unnest(inputs) AS input FROM main.indicator_value)
    LEFT JOIN (FROM ledger.document WHERE status <> 'replaced' QUALIFY row_number() OVER (PARTITION BY document, source ORDER BY known_from) = 1) AS stated
        ON stated.document = input.document AND stated.source = input.source
    LEFT JOIN ledger.source AS source ON source.source = input.source;
COMMENT ON VIEW main.lineage IS
    'Where every value of every indicator came from: one row per value and input, as of the variable as_of';
COMMENT ON COLUMN main.lineage.side IS
    '''USA'' or ''CHN'', whose side of the value it is in; anything else, such as ''other'' or ''factor'', '
    'is in neither';
COMMENT ON COLUMN main.lineage.dataset IS 'dataset that holds the row, a view of that name';
COMMENT ON COLUMN main.lineage.document IS 'SHA-256 of the document';
COMMENT ON COLUMN main.lineage.url IS
    'address the document came from; null: an old document that was added by hand';
COMMENT ON COLUMN main.lineage.known_from IS
    'from when on the source said so, UTC: when the document was fetched or, if earlier, published';
COMMENT ON COLUMN main.lineage.received_at IS 'when we received the document, UTC';
COMMENT ON COLUMN main.lineage."value" IS
    'the input, in the unit of its dataset, or the weight it counts with';

CREATE VIEW main.indicator_headline AS
    SELECT indicator, series, statistic, period, "value", low, high, unit FROM derived.indicator_headline WHERE {known};
COMMENT ON VIEW main.indicator_headline IS 'Statistics over an indicator''s series, as of the variable as_of';

CREATE VIEW main.claim AS
    SELECT claim, claim_text, said_by, said_on, verdict, query FROM derived.claim WHERE {known};
COMMENT ON VIEW main.claim IS
    'Published statements that are tested again on every release, as of the variable as_of';

-- What we had said: over the time of release, as of the variable as_released. Nothing of it is computed anew.
-- What each release changed. Of a value it is told from what releases said before and after it.
CREATE VIEW main.change AS
    WITH step AS (
        SELECT said.release, said.indicator, said.series, said.statistic, said.period, before, said AS after
        FROM ledger.said AS said LEFT JOIN ledger.said AS before ON before.said_to = said.said_from
            AND before.indicator = said.indicator AND before.series = said.series AND before.statistic = said.statistic
            AND before.period IS NOT DISTINCT FROM said.period
        UNION ALL
        SELECT release.release, gone.indicator, gone.series, gone.statistic, gone.period, gone, NULL
        FROM ledger.said AS gone
        JOIN (SELECT released_at, min(release) AS release FROM ledger.release GROUP BY released_at) AS release
            ON release.released_at = gone.said_to
        ANTI JOIN ledger.said AS said ON said.said_from = gone.said_to
            AND said.indicator = gone.indicator AND said.series = gone.series AND said.statistic = gone.statistic
            AND said.period IS NOT DISTINCT FROM gone.period
    ), told AS (
        SELECT release, indicator, series, statistic, period, unnest([
            {field: 'usa', value_before: before.usa::VARCHAR, value_after: after.usa::VARCHAR},
            {field: 'chn', value_before: before.chn::VARCHAR, value_after: after.chn::VARCHAR},
            {field: 'gap', value_before: before.gap::VARCHAR, value_after: after.gap::VARCHAR},
            {field: 'low', value_before: before.low::VARCHAR, value_after: after.low::VARCHAR},
            {field: 'high', value_before: before.high::VARCHAR, value_after: after.high::VARCHAR},
            {field: 'leader', value_before: before.leader, value_after: after.leader}
        ], recursive := true) FROM step
    )
    SELECT release, kind, subject, "key", field, value_before, value_after, "rows" FROM ledger.change
    UNION ALL
    SELECT release, 'value', indicator, concat_ws(' ', nullif(series, ''), nullif(statistic, ''), period), field,
        value_before, value_after, NULL
    FROM told WHERE value_before IS DISTINCT FROM value_after;
COMMENT ON VIEW main.change IS
    'What each release changed against the one before it: values, rows, verdicts and states of sources';
COMMENT ON COLUMN main.change.release IS 'id of the release that changed it';
COMMENT ON COLUMN main.change.subject IS
    'the indicator, dataset, claim or source that changed; an empty text for rows that could not be read';
COMMENT ON COLUMN main.change.kind IS
    '''value'' (of an indicator), ''rows'' (of a dataset), ''verdict'' (of a claim) or ''state'' (of a source)';
CREATE VIEW main.released_value AS
    SELECT indicator, series, period, usa, chn, gap, low, high, leader, unit, release, said_from FROM ledger.said WHERE statistic = '' AND {said};
COMMENT ON VIEW main.released_value IS
    'Every value of every indicator as we had said it at the variable as_released, whatever is known since';

CREATE VIEW main.released_headline AS
    SELECT indicator, series, statistic, gap AS "value", low, high, unit, release, said_from FROM ledger.said WHERE statistic <> '' AND {said};
COMMENT ON VIEW main.released_headline IS
    'Statistics over an indicator''s series as we had said them at the variable as_released';
COMMENT ON COLUMN main.released_headline."value" IS 'the statistic as released, in the unit of the indicator';

CREATE VIEW main.break AS
    SELECT indicator, series, period, side, 'source' AS kind, before || ' → ' || sources AS detail, NULL::VARCHAR AS url
    FROM (
        SELECT *, lag(sources) OVER (PARTITION BY indicator, series, side ORDER BY period) AS before
        FROM (
            SELECT indicator, series, period, input.side AS side, string_agg(DISTINCT input.source, ', ' ORDER BY input.source) AS sources
            FROM (SELECT indicator, series, period, unnest(inputs) AS input FROM main.indicator_value)
            GROUP BY ALL
        )
    ) WHERE before <> sources
    UNION ALL
    SELECT indicator, series, period, NULL, 'method', "break", NULL FROM derived.indicator_value WHERE {known} AND "break" IS NOT NULL
    UNION ALL
    SELECT indicator, series, period, side, kind, detail, url FROM reference.series_break WHERE period <= {moment};
COMMENT ON VIEW main.break IS
    'Periods at which an indicator''s series is not comparable with the period before';
COMMENT ON COLUMN main.break.series IS
    'which of the indicator''s series; an empty text is the only or the main one';
COMMENT ON COLUMN main.break.period IS 'first period that is not comparable with the one before';
COMMENT ON COLUMN main.break.side IS '''USA'' or ''CHN''; null: both, or neither alone';
COMMENT ON COLUMN main.break.kind IS
    '''source'': the side is stated by another source than in the period before; ''method'': the indicator '
    'found it; else as reviewed';
COMMENT ON COLUMN main.break.detail IS 'what changed, from what to what';
COMMENT ON COLUMN main.break.url IS 'page that says so, for a reviewed one';
