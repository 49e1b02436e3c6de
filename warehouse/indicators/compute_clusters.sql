/* warehouse/indicators/compute_clusters.sql
title: Known GPU clusters, share of the United States less share of China
question: Where do the known clusters of AI chips stand?
unit: percentage points
formula: share of the United States less share of China in the H100 equivalents of the clusters counted
method: >
  Counted are clusters of Epoch AI's list that began to operate from 2019 to the end of the month, are not planned, and have a country and H100
  equivalents; usa and chn are shares of these in per cent, by where a cluster stands. Hong Kong is neither. Phases that replace one another count
  each, as in the publisher's own figure. The list covers 10 to 20 % of the world's capacity, and its Chinese systems are rounded to one significant
  figure. It has not been added to since October 2025: the series ends with the month in which the newest cluster began to operate. The publisher compares countries in May 2025
  (United States about 75 %, China 15 %): that month is the headline. Later months hold few clusters.
bounds: >
  lowest and highest value over four rules: H100 equivalents or 16-bit operations a second, all clusters or those of the publisher's standard analysis.
  Not an interval of confidence: the clusters nobody knows of are in none of them.
alert: {leader: true, change: 5.0}
sources: [epoch_gpu_clusters] */
WITH cluster AS (
    SELECT *, CASE country WHEN 'United States of America' THEN 'USA' WHEN 'China' THEN 'CHN' END AS side
    FROM compute_cluster WHERE status <> 'Planned' AND operational_on >= DATE '2019-01-01'
), month AS (
    SELECT unnest(generate_series(DATE '2019-01-01', (SELECT max(operational_on) FROM cluster WHERE h100e IS NOT NULL), INTERVAL 1 MONTH))::DATE AS period
), measured AS (
    UNPIVOT cluster ON h100e, ops_16bit INTO NAME metric VALUE amount
), rule AS (
    SELECT period, metric, only_standard,
        100 * sum(amount ORDER BY amount) FILTER (side = 'USA') / sum(amount ORDER BY amount) FILTER (country IS NOT NULL) AS usa,
        100 * sum(amount ORDER BY amount) FILTER (side = 'CHN') / sum(amount ORDER BY amount) FILTER (country IS NOT NULL) AS chn,
        sum(amount ORDER BY amount) FILTER (country IS NOT NULL) / sum(amount ORDER BY amount) AS coverage
    FROM month JOIN measured ON operational_on < period + INTERVAL 1 MONTH CROSS JOIN (VALUES (false), (true)) AS rules(only_standard)
    WHERE standard OR NOT only_standard
    GROUP BY ALL
), spread AS (
    SELECT period, min(usa - chn) AS low, max(usa - chn) AS high FROM rule GROUP BY period
), counted AS (
    SELECT period, list({side: coalesce(side, 'other'), dataset: 'compute_cluster', source: source, document: document, locator: locator, 'value': h100e}
        ORDER BY h100e DESC, locator) AS inputs
    FROM month JOIN cluster ON operational_on < period + INTERVAL 1 MONTH WHERE h100e IS NOT NULL AND country IS NOT NULL
    GROUP BY period
), series AS (
    SELECT period, usa, chn, usa - chn AS gap, low, high, coverage, inputs
    FROM rule JOIN spread USING (period) JOIN counted USING (period)
    WHERE metric = 'h100e' AND NOT only_standard
)
SELECT NULL::VARCHAR AS statistic, * FROM series
UNION ALL
SELECT 'May 2025', * FROM series WHERE period = DATE '2025-05-01'
