/* warehouse/build/derived/talent_share.sql
inputs: [talent_weight] */
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
