/* warehouse/indicators/energy_generation_monthly.sql
title: Electricity generated in a month
question: Who makes more electricity, month by month?
unit: China / United States
formula: generation of China in TWh divided by generation of the United States in TWh, same month
method: >
  Ember's monthly file alone. Never mixed with the yearly file: the months of China in 2025 add up to 1.1 % less than its year.
  A month carries its season; energy_generation_trailing is the same ratio over twelve months.
bounds: none are published
alert: {leader: true}
sources: [ember_generation_monthly] */
SELECT
    NULL::VARCHAR AS statistic,
    period,
    max(twh) FILTER (country = 'USA') AS usa,
    max(twh) FILTER (country = 'CHN') AS chn,
    chn / nullif(usa, 0) AS gap,
    NULL::DOUBLE AS low,
    NULL::DOUBLE AS high,
    1.0 AS coverage,
    list({side: country, dataset: 'electricity_generation', source: source, document: document, locator: locator, 'value': twh} ORDER BY country) AS inputs
FROM electricity_generation
WHERE source = 'ember_generation_monthly' AND country IN ('USA', 'CHN') AND frequency = 'month' AND series = 'total'
GROUP BY period
HAVING count(*) = 2
