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
COMMENT ON COLUMN main.indicator_latest.period IS 'first day of the period; null for a headline number';
COMMENT ON COLUMN main.indicator_latest.usa IS
    'the side of the United States as released, unit in the indicator''s method';
COMMENT ON COLUMN main.indicator_latest.chn IS 'the side of China as released, same unit';
COMMENT ON COLUMN main.indicator_latest.gap IS 'what is tracked, as released; of a headline number its value';
COMMENT ON COLUMN main.indicator_latest.low IS 'lower bound as released; null: none';
COMMENT ON COLUMN main.indicator_latest.high IS 'upper bound as released; null: none';
COMMENT ON COLUMN main.indicator_latest.leader IS '''USA'', ''CHN'' or ''tie'', as released';
COMMENT ON COLUMN main.indicator_latest.state IS
    '''fresh'', ''stale'' (a source of the newest value is) or ''empty'', at the release';

-- The document is shown as its source first stated it, though it may have come again later.
CREATE VIEW main.lineage AS
    SELECT indicator, series, period, input.side AS side, input.dataset AS dataset, input.source AS source, input.document AS document,
        stated.url AS url, stated.known_from AS known_from, stated.received_at AS received_at, source.licence AS licence, input.locator AS locator,
        input."value" AS "value"
    FROM (SELECT indicator, series, period, unnest(inputs) AS input FROM main.indicator_value)
    LEFT JOIN (FROM ledger.document QUALIFY row_number() OVER (PARTITION BY document, source ORDER BY known_from) = 1) AS stated
        ON stated.document = input.document AND stated.source = input.source
    LEFT JOIN ledger.source AS source ON source.source = input.source;
COMMENT ON VIEW main.lineage IS
    'Where every value of every indicator came from: one row per value and input, as of the variable as_of';
COMMENT ON COLUMN main.lineage.period IS 'first day of the period; null for a headline number';
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
COMMENT ON COLUMN main.break.period IS 'first day of the period; null for a headline number';
COMMENT ON COLUMN main.break.side IS '''USA'' or ''CHN''; null: both, or neither alone';
COMMENT ON COLUMN main.break.kind IS
    '''source'': the side is stated by another source than in the period before; ''method'': the indicator '
    'found it; else as reviewed';
COMMENT ON COLUMN main.break.detail IS 'what changed, from what to what';
COMMENT ON COLUMN main.break.url IS 'page that says so, for a reviewed one';

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
COMMENT ON VIEW main.event IS
    'Events of policy, each once: reviewed dates and meanings with what the Federal Register prints, as of '
    'the variable as_of';
COMMENT ON COLUMN main.event.topic IS
    'what it is about; an indicator names the topic whose events annotate it';
COMMENT ON COLUMN main.event.event_on IS 'day of the event: the reviewed one, else of publication';
COMMENT ON COLUMN main.event.printed_on IS
    'day of publication in the Federal Register; null: not found there';
COMMENT ON COLUMN main.event.effective_on IS 'day from which it applies, the first of several stages';
COMMENT ON COLUMN main.event.title IS 'title in plain words if reviewed, else as printed';
COMMENT ON COLUMN main.event.printed_title IS 'title as the Federal Register prints it';
COMMENT ON COLUMN main.event.summary IS
    'what it does: one sentence if reviewed, else the abstract as printed';
COMMENT ON COLUMN main.event.kind IS '''rule'', ''announcement'' or ''order''';
COMMENT ON COLUMN main.event.affects IS 'what it controls; null: not reviewed';
COMMENT ON COLUMN main.event.citation IS 'volume and first page in the Federal Register';
COMMENT ON COLUMN main.event.reviewed IS 'whether people reviewed it';

-- Authors of accepted papers with the country of their first-listed affiliation. Countries follow the newest registry and
-- reviewed tables at any moment; which rows there are travels in time.
CREATE VIEW main.affiliation AS FROM derived.affiliation;
COMMENT ON VIEW main.affiliation IS
    'Every affiliation that a dataset prints, with its country; one row per institution that it names';

CREATE VIEW main.talent_slot AS
    SELECT slot.conference, slot.edition, slot.source, slot.paper, slot.title, slot.track, slot.position, slot.authors, slot.author,
        slot.affiliation, slot.domain, a.country_location, a.country_hq, a.institution, a.ror, coalesce(a.tier, 'unresolved') AS tier,
        a.score, a.matched, slot.document, slot.locator
    FROM main.author_slot AS slot
    LEFT JOIN derived.affiliation AS a
        ON a.part = 1 AND a.affiliation IS NOT DISTINCT FROM slot.affiliation AND a.domain IS NOT DISTINCT FROM slot.domain;
COMMENT ON VIEW main.talent_slot IS
    'Authors of accepted papers with the country of their first-listed affiliation, as of the variable as_of';
COMMENT ON COLUMN main.talent_slot.conference IS 'the conference: ''NeurIPS''';
COMMENT ON COLUMN main.talent_slot.edition IS 'edition of the conference: first day of its year';
COMMENT ON COLUMN main.talent_slot.source IS 'source that lists the paper';
COMMENT ON COLUMN main.talent_slot.paper IS 'key of the paper within an edition, the same in every source';
COMMENT ON COLUMN main.talent_slot.title IS 'title of the paper';
COMMENT ON COLUMN main.talent_slot.track IS 'track of the conference; null: the source does not say';
COMMENT ON COLUMN main.talent_slot.position IS 'place of the author among the paper''s authors, from 1';
COMMENT ON COLUMN main.talent_slot.author IS
    'key of the author within the edition, made with a secret of this installation';
COMMENT ON COLUMN main.talent_slot.affiliation IS 'the affiliation as printed';
COMMENT ON COLUMN main.talent_slot.domain IS 'web or e-mail domain that the source gives beside it';

-- The weight of each slot by unit: every slot counts 1 ('slots'), every author of an edition 1 ('authors', spread over the countries
-- named most often in that author's slots), or every slot 1 spread over the institutions of its affiliation ('fractional').
CREATE VIEW main.talent_weight AS
    WITH placed AS (
        SELECT slot.*, unnest([{attribution: 'location', country: country_location}, {attribution: 'headquarters', country: country_hq}], recursive := true)
        FROM main.talent_slot AS slot
    ), counted AS (
        SELECT conference, edition, source, author, attribution, country, count(*) AS slots
        FROM placed WHERE author IS NOT NULL GROUP BY ALL
    ), ranked AS (
        SELECT *, rank() OVER (PARTITION BY conference, edition, source, author, attribution ORDER BY country IS NULL, slots DESC) AS place FROM counted
    ), most AS (
        SELECT *, 1.0 / count(*) OVER (PARTITION BY conference, edition, source, author, attribution) AS weight FROM ranked WHERE place = 1
    ), spread AS (
        SELECT slot.conference, slot.edition, slot.source, slot.paper, slot.position, slot.document, slot.locator, 1.0 / coalesce(a.parts, 1) AS weight,
            unnest([{attribution: 'location', country: a.country_location}, {attribution: 'headquarters', country: a.country_hq}], recursive := true)
        FROM main.author_slot AS slot
        LEFT JOIN derived.affiliation AS a ON a.affiliation IS NOT DISTINCT FROM slot.affiliation AND a.domain IS NOT DISTINCT FROM slot.domain
    )
    SELECT conference, edition, source, 'slots' AS unit, attribution, country, 1.0 AS weight, document, locator FROM placed
    UNION ALL
    SELECT conference, edition, source, 'fractional', attribution, country, weight, document, locator FROM spread
    UNION ALL
    -- An author's weight stands on each of the slots that it comes from, in equal shares.
    SELECT conference, edition, source, 'authors', attribution, placed.country, weight / slots, document, locator
    FROM placed JOIN most USING (conference, edition, source, author, attribution)
    WHERE most.country IS NOT DISTINCT FROM placed.country;
COMMENT ON VIEW main.talent_weight IS
    'The weight of each author slot for a country, by unit and attribution, as of the variable as_of';
COMMENT ON COLUMN main.talent_weight.conference IS 'the conference: ''NeurIPS''';
COMMENT ON COLUMN main.talent_weight.edition IS 'edition of the conference: first day of its year';
COMMENT ON COLUMN main.talent_weight.source IS 'source that lists the papers';
COMMENT ON COLUMN main.talent_weight.unit IS
    '''slots'' (authors of papers), ''authors'' (distinct ones) or ''fractional'' (a slot spread over its '
    'institutions)';
COMMENT ON COLUMN main.talent_weight.attribution IS
    '''location'' (of the unit named) or ''headquarters'' (of its owner)';
COMMENT ON COLUMN main.talent_weight.country IS 'ISO 3166-1 alpha-2; null: not resolved';
COMMENT ON COLUMN main.talent_weight.weight IS 'what the row counts for, in slots or authors';

CREATE VIEW main.talent_share AS
    SELECT conference, edition, source, unit, attribution, country, weight, 100 * weight / total AS share,
        100 * CASE WHEN country IS NULL THEN 0 ELSE weight END / total AS low,
        100 * CASE WHEN country IS NULL THEN weight ELSE weight + unresolved END / total AS high
    FROM (
        SELECT *, sum(weight) OVER e AS total, coalesce(sum(weight) FILTER (country IS NULL) OVER e, 0) AS unresolved
        FROM (SELECT conference, edition, source, unit, attribution, country, sum(weight) AS weight FROM main.talent_weight GROUP BY ALL)
        WINDOW e AS (PARTITION BY conference, edition, source, unit, attribution)
    );
COMMENT ON VIEW main.talent_share IS
    'Shares of every country in the authors of an edition, per source, unit and attribution, as of the '
    'variable as_of';
COMMENT ON COLUMN main.talent_share.weight IS 'slots or authors counted for the country';
COMMENT ON COLUMN main.talent_share.share IS
    'per cent of all slots or authors of the edition, also of those that are not resolved';
COMMENT ON COLUMN main.talent_share.low IS
    'share if none that is not resolved belongs to the country, per cent';
COMMENT ON COLUMN main.talent_share.high IS
    'share if all that are not resolved belong to the country, per cent';
