/* warehouse/build/derived/talent_weight.sql
inputs: [author_slot, affiliation, talent_slot] */
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
