/* warehouse/indicators/compute_top500.sql
title: TOP500, share of the United States less share of China
question: How much of the performance of the 500 most powerful submitted supercomputers stands in either country?
unit: percentage points
formula: share of the United States less share of China in the LINPACK performance (Rmax) of a list; series 'systems' in its number of systems
method: >
  Shares of one list in per cent, by country as printed; Hong Kong and Taiwan are apart from China. A list holds what is submitted. From 2019 on the largest
  new Chinese systems were no longer submitted, so China's falling share since then is non-reporting, not decline, and must not be read as one
  (see the view break); no alert is raised. Most AI clusters are not on the list either. Performance is that of 64-bit numbers.
bounds: none; what is not submitted cannot be bounded from the list
alert: {}
sources: [top500_lists] */
WITH system AS (
    SELECT *, CASE country WHEN 'United States' THEN 'USA' WHEN 'China' THEN 'CHN' END AS side FROM supercomputer
), share AS (
    SELECT list AS period,
        coalesce(100 * sum(rmax_tflops ORDER BY rmax_tflops) FILTER (side = 'USA') / sum(rmax_tflops ORDER BY rmax_tflops), 0) AS usa,
        coalesce(100 * sum(rmax_tflops ORDER BY rmax_tflops) FILTER (side = 'CHN') / sum(rmax_tflops ORDER BY rmax_tflops), 0) AS chn,
        100 * count(*) FILTER (side = 'USA') / count(*) AS usa_systems,
        100 * count(*) FILTER (side = 'CHN') / count(*) AS chn_systems,
        list({side: coalesce(side, 'other'), dataset: 'supercomputer', source: source, document: document, locator: locator, 'value': rmax_tflops}
            ORDER BY rank) AS inputs
    FROM system GROUP BY list
)
SELECT '' AS series, NULL::VARCHAR AS statistic, period, usa, chn, usa - chn AS gap, NULL::DOUBLE AS low, NULL::DOUBLE AS high, 1.0 AS coverage, inputs FROM share
UNION ALL
SELECT 'systems', NULL, period, usa_systems, chn_systems, usa_systems - chn_systems, NULL, NULL, 1.0, inputs FROM share
