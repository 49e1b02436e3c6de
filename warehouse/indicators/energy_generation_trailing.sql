/* warehouse/indicators/energy_generation_trailing.sql
title: Electricity generated in the twelve months up to a month
question: Who makes more electricity, without the season?
unit: China / United States
formula: sum of the last twelve months of China in TWh divided by that of the United States in TWh
method: Ember's monthly file alone; a month counts only when both countries have all twelve months. period is the last of the twelve.
bounds: none are published
alert: {leader: true, change: 1 %}
sources: [ember_generation_monthly] */
WITH months AS (
    SELECT * FROM electricity_generation
    WHERE source = 'ember_generation_monthly' AND country IN ('USA', 'CHN') AND frequency = 'month' AND series = 'total'
)
SELECT
    NULL::VARCHAR AS statistic,
    ends.period,
    sum(months.twh ORDER BY months.period) FILTER (country = 'USA') AS usa,
    sum(months.twh ORDER BY months.period) FILTER (country = 'CHN') AS chn,
    chn / nullif(usa, 0) AS gap,
    NULL::DOUBLE AS low,
    NULL::DOUBLE AS high,
    1.0 AS coverage,
    list({side: country, dataset: 'electricity_generation', source: source, document: document, locator: locator, 'value': twh}
        ORDER BY country, months.period) AS inputs
FROM (SELECT DISTINCT period FROM months) AS ends
JOIN months ON months.period BETWEEN ends.period - INTERVAL 11 MONTH AND ends.period
GROUP BY ends.period
HAVING count(*) = 24
