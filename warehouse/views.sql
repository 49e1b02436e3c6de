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
    FROM derived.indicator_value LEFT JOIN derived.input_list USING (input_list) WHERE {known};
CREATE VIEW main.indicator_latest AS
    SELECT value.* EXCLUDE (input_list, known_from, known_to), inputs, known_from, known_to, indicator.state, indicator.reason
    FROM (FROM derived.indicator_value WHERE {known} QUALIFY row_number() OVER (PARTITION BY indicator, series ORDER BY period DESC) = 1) AS value
    LEFT JOIN derived.input_list USING (input_list)
    JOIN ledger.indicator AS indicator USING (indicator);
-- The document is shown as its source first stated it, though it may have come again later.
CREATE VIEW main.lineage AS
    SELECT indicator, series, period, input.side AS side, input.dataset AS dataset, input.source AS source, input.document AS document,
        stated.url AS url, stated.known_from AS known_from, stated.received_at AS received_at, source.licence AS licence, input.locator AS locator,
        input."value" AS "value"
    FROM (SELECT indicator, series, period, unnest(inputs) AS input FROM main.indicator_value)
    LEFT JOIN (FROM ledger.document QUALIFY row_number() OVER (PARTITION BY document, source ORDER BY known_from) = 1) AS stated
        ON stated.document = input.document AND stated.source = input.source
    LEFT JOIN ledger.source AS source ON source.source = input.source;
CREATE VIEW main.indicator_headline AS
    SELECT indicator, series, statistic, period, "value", low, high, unit FROM derived.indicator_headline WHERE {known};
CREATE VIEW main.claim AS
    SELECT claim, claim_text, said_by, said_on, verdict, query FROM derived.claim WHERE {known};
-- What we had said: over the time of release, as of the variable as_released. Nothing of it is computed anew.
CREATE VIEW main.released_value AS
    SELECT indicator, series, period, usa, chn, gap, low, high, leader, unit, release, said_from FROM ledger.said WHERE statistic = '' AND {said};
CREATE VIEW main.released_headline AS
    SELECT indicator, series, statistic, gap AS "value", low, high, unit, release, said_from FROM ledger.said WHERE statistic <> '' AND {said};
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
-- Authors of accepted papers with the country of their first-listed affiliation. Countries follow the newest registry and
-- reviewed tables at any moment; which rows there are travels in time.
CREATE VIEW main.affiliation AS FROM derived.affiliation;
CREATE VIEW main.talent_slot AS
    SELECT slot.conference, slot.edition, slot.source, slot.paper, slot.title, slot.track, slot.position, slot.authors, slot.author,
        slot.affiliation, slot.domain, a.country_location, a.country_hq, a.institution, a.ror, coalesce(a.tier, 'unresolved') AS tier,
        a.score, a.matched, slot.document, slot.locator
    FROM main.author_slot AS slot
    LEFT JOIN derived.affiliation AS a
        ON a.part = 1 AND a.affiliation IS NOT DISTINCT FROM slot.affiliation AND a.domain IS NOT DISTINCT FROM slot.domain;
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
CREATE VIEW main.talent_share AS
    SELECT conference, edition, source, unit, attribution, country, weight, 100 * weight / total AS share,
        100 * CASE WHEN country IS NULL THEN 0 ELSE weight END / total AS low,
        100 * CASE WHEN country IS NULL THEN weight ELSE weight + unresolved END / total AS high
    FROM (
        SELECT *, sum(weight) OVER e AS total, coalesce(sum(weight) FILTER (country IS NULL) OVER e, 0) AS unresolved
        FROM (SELECT conference, edition, source, unit, attribution, country, sum(weight) AS weight FROM main.talent_weight GROUP BY ALL)
        WINDOW e AS (PARTITION BY conference, edition, source, unit, attribution)
    );
