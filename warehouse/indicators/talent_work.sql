/* warehouse/indicators/talent_work.sql
title: Where the authors of accepted NeurIPS papers work
question: Where do the authors of the papers at the top conference work?
unit: percentage points
formula: share of China less share of the United States in the authors of an edition's accepted papers, per cent of all of them
method: >
  Unit of the main series: author slots, each author of each accepted paper once, by the location of the first-listed affiliation. usa and chn are
  shares of all slots, also of those whose country is unknown. China is the mainland; Hong Kong is neither side, and a campus on the mainland is China.
  Series headquarters: by the headquarters of the institution's owner. authors and authors_headquarters: each distinct author once (by name within an
  edition), in the country named most often. fractional and fractional_headquarters: a slot is spread over all institutions of its affiliation.
  resolved_with_hong_kong and resolved_authors_with_hong_kong: slots and distinct authors, China with Hong Kong, per cent of those with a known country,
  to compare with published shares (11 and 28 % by MacroPolo), which leave out the unknown. Lists that count papers per affiliation (dataset affiliation_count) are another unit and never join. Of several sources of an edition one is used: neurips.cc, else the proceedings, else other copies; one that holds less than 90 % of the
  slots of the fullest or of the papers that the proceedings list, or leaves more than 15 % without a country, is not used, and an edition without any
  other has no value. Countries are those of the
  newest registry and reviewed tables, at every vintage.
  Series third_party: authors by country as indiaml-tracker resolved and counted them (dataset country_count), per cent of its total of authors, which
  also holds those without a country. China is as printed there, with Hong Kong, Macao and Taiwan. It is the only recorded count after 2022, and is never
  joined with ours: other countries, another China, another count. third_party_places: of its list of accepted papers each author of each paper once; there
  Hong Kong (3.1 % in 2024), Macao and Taiwan are apart.
bounds: >
  all authors without a country in the United States, and all of them in China; of third_party also those whom the publisher's total holds and no country does.
  None for third_party_places, whose list has nobody without a country
alert: {leader: true, change: 2.0}
sources: [neurips_virtual, neurips_proceedings_years, neurips_accepted, neurips_schedule, paperlists, neurips_proceedings_lists,
  neurips_country_counts] */
WITH weighed AS MATERIALIZED (
    -- The proceedings' files of single papers (neurips_paper_metadata) come in one by one over months: nothing rests on them.
    SELECT * REPLACE (coalesce(country, '') AS country) FROM talent_weight
    WHERE conference = 'NeurIPS' AND source IN ('neurips_virtual', 'neurips_proceedings_years', 'neurips_accepted', 'neurips_schedule', 'paperlists')
), measured AS (
    SELECT edition, source, sum(weight) AS slots, coalesce(sum(weight) FILTER (country = ''), 0) / sum(weight) AS unresolved  -- each weight is 1
    FROM weighed WHERE unit = 'slots' AND attribution = 'location' GROUP BY ALL
), held AS (
    SELECT edition, source, count(DISTINCT paper) AS papers FROM author_slot WHERE conference = 'NeurIPS' GROUP BY ALL
), listed AS (
    SELECT edition, count(DISTINCT paper) AS listed FROM accepted_paper WHERE conference = 'NeurIPS' GROUP BY ALL
), chosen AS (
    SELECT edition, source
    FROM (SELECT *, max(slots) OVER (PARTITION BY edition) AS fullest FROM measured) JOIN held USING (edition, source) LEFT JOIN listed USING (edition)
    WHERE slots >= 0.9 * fullest AND papers >= 0.9 * coalesce(listed, 0) AND unresolved <= 0.15
    QUALIFY row_number() OVER (PARTITION BY edition ORDER BY list_position(['neurips_virtual', 'neurips_proceedings_years', 'neurips_accepted', 'neurips_schedule',
        'paperlists'], source)) = 1
), series(series, unit, attribution) AS (
    VALUES ('', 'slots', 'location'), ('headquarters', 'slots', 'headquarters'), ('authors', 'authors', 'location'),
        ('authors_headquarters', 'authors', 'headquarters'), ('fractional', 'fractional', 'location'), ('fractional_headquarters', 'fractional', 'headquarters')
), counted AS (
    SELECT series, edition, country, weight, source, document, locator,
        CASE country WHEN 'US' THEN 'USA' WHEN 'CN' THEN 'CHN' WHEN '' THEN '' ELSE 'other' END AS side
    FROM weighed JOIN chosen USING (edition, source) JOIN series USING (unit, attribution)
    UNION ALL
    SELECT CASE unit WHEN 'slots' THEN 'resolved_with_hong_kong' ELSE 'resolved_authors_with_hong_kong' END, edition, country, weight, source, document, locator,
        CASE WHEN country = 'US' THEN 'USA' WHEN country IN ('CN', 'HK') THEN 'CHN' WHEN country = '' THEN '' ELSE 'other' END
    FROM weighed JOIN chosen USING (edition, source) WHERE unit IN ('slots', 'authors') AND attribution = 'location'
), summed AS (
    SELECT series, edition AS period, sum(weight ORDER BY weight) AS total,
        coalesce(sum(weight ORDER BY weight) FILTER (side = 'USA'), 0) AS usa,
        coalesce(sum(weight ORDER BY weight) FILTER (side = 'CHN'), 0) AS chn,
        coalesce(sum(weight ORDER BY weight) FILTER (side = ''), 0) AS unresolved,
        list({side: side, dataset: 'author_slot', source: source, document: document, locator: locator, 'value': weight} ORDER BY side, document, locator, weight)
            FILTER (side IN ('USA', 'CHN')) AS inputs
    FROM counted GROUP BY ALL
), foreign_count AS (
    -- A third party's counts: whoever its total holds and no country does is unknown. Places have no total but their sum.
    SELECT CASE unit WHEN 'authors' THEN 'third_party' ELSE 'third_party_places' END AS series, *,
        CASE country WHEN 'US' THEN 'USA' WHEN 'CN' THEN 'CHN' WHEN 'UNK' THEN 'unknown' WHEN 'all' THEN 'all' ELSE 'other' END AS side
    FROM country_count
    WHERE source = 'neurips_country_counts' AND conference = 'NeurIPS' AND (unit = 'authors' AND china = 'with Hong Kong' OR unit = 'places' AND china = 'mainland')
), third_party AS (
    SELECT series, edition AS period, coalesce(max(counted) FILTER (side = 'all'), sum(counted) FILTER (side <> 'all')) AS total,
        coalesce(sum(counted) FILTER (side = 'USA'), 0) AS usa,
        coalesce(sum(counted) FILTER (side = 'CHN'), 0) AS chn,
        greatest(total - sum(counted) FILTER (side IN ('USA', 'CHN', 'other')), 0) AS unresolved,
        list({side: side, dataset: 'country_count', source: source, document: document, locator: locator, 'value': counted} ORDER BY side, country)
            FILTER (side IN ('USA', 'CHN', 'all') OR unit = 'places') AS inputs
    FROM foreign_count GROUP BY series, edition
), based AS (
    SELECT *, CASE WHEN series LIKE 'resolved%' THEN total - unresolved ELSE total END AS base FROM (FROM summed UNION ALL BY NAME FROM third_party)
)
SELECT
    series,
    NULL::VARCHAR AS statistic,
    period,
    100 * usa / base AS usa,
    100 * chn / base AS chn,
    100 * (chn - usa) / base AS gap,
    CASE WHEN series <> 'third_party_places' THEN 100 * (chn - usa - unresolved) / total END AS low,
    CASE WHEN series <> 'third_party_places' THEN 100 * (chn - usa + unresolved) / total END AS high,
    1 - unresolved / total AS coverage,
    inputs
FROM based
WHERE base > 0
