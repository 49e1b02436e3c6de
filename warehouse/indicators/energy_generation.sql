/* warehouse/indicators/energy_generation.sql
title: Electricity generated in a year
question: Who makes more electricity?
unit: China / United States
formula: generation of China in TWh divided by generation of the United States in TWh, same year
method: >
  Total generation by country and year from the first source that states it: Ember yearly, else the chart file of
  Our World in Data, else its electricity mix. The series starts in 2000, where both countries are counted on one basis.
  A side that changes its source between two years is a break.
bounds: lowest and highest ratio that any one of the sources gives for the year; none when only one source states both sides
alert: {leader: true, change: 0.5 %}
sources: [ember_generation_yearly, owid_electricity_generation, owid_electricity_mix] */
WITH stated AS (
    SELECT *, CASE source WHEN 'ember_generation_yearly' THEN 1 WHEN 'owid_electricity_generation' THEN 2 WHEN 'owid_electricity_mix' THEN 3 END AS rank
    FROM electricity_generation
    WHERE country IN ('USA', 'CHN') AND frequency = 'year' AND series = 'total' AND period >= DATE '2000-01-01'
), chosen AS (
    SELECT * FROM stated WHERE rank IS NOT NULL QUALIFY row_number() OVER (PARTITION BY country, period ORDER BY rank) = 1
), spread AS (
    SELECT period, min(ratio) AS low, max(ratio) AS high, count(*) AS sources
    FROM (
        SELECT source, period, max(twh) FILTER (country = 'CHN') / nullif(max(twh) FILTER (country = 'USA'), 0) AS ratio
        FROM stated WHERE rank IS NOT NULL GROUP BY source, period
    ) WHERE ratio IS NOT NULL GROUP BY period
)
SELECT
    NULL::VARCHAR AS statistic,
    period,
    max(twh) FILTER (country = 'USA') AS usa,
    max(twh) FILTER (country = 'CHN') AS chn,
    chn / nullif(usa, 0) AS gap,
    any_value(CASE WHEN spread.sources > 1 THEN least(spread.low, gap_of.gap) END) AS low,
    any_value(CASE WHEN spread.sources > 1 THEN greatest(spread.high, gap_of.gap) END) AS high,
    1.0 AS coverage,
    list({side: country, dataset: 'electricity_generation', source: source, document: document, locator: locator, 'value': twh} ORDER BY country) AS inputs
FROM chosen
LEFT JOIN spread USING (period)
LEFT JOIN (
    SELECT period, max(twh) FILTER (country = 'CHN') / nullif(max(twh) FILTER (country = 'USA'), 0) AS gap FROM chosen GROUP BY period
) AS gap_of USING (period)
GROUP BY period
HAVING count(*) = 2
