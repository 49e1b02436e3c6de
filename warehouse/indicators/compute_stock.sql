/* warehouse/indicators/compute_stock.sql
title: AI compute owned
question: Who owns the AI chips?
unit: percentage points
formula: share of the United States minus share of China in the H100 equivalents of all owners, at the end of the quarter; shares in per cent
method: >
  Epoch AI's estimates of chips by owner and designer, counted from 2022 (some owners and designers from 2023 or 2024) to the end of the
  quarter; a period is named by the first day of its quarter. usa and chn are shares of the sum over all owners. The sum is of medians, which
  is not the median of the sum. An owner's country is its headquarters' as reviewed in reference.organisation; 'China' means owned by
  Chinese companies, wherever the chips stand, and not what they rent. The main series counts the estimate of smuggled chips in the sum
  and for neither side, the series with_smuggled for China; as they are not taken out of other owners, the sum has some of them
  twice (662,048 H100 equivalents at the end of 2025). Quarters with a row marked incomplete, or without a pair of owner and designer that an earlier
  quarter has, are not published: without Huawei, China would seem to fall. A quarter in which new pairs hold over 1 % of the sum is a break.
bounds: >
  lowest and highest difference when each pair is at its 5th or 95th percentile, all against or all for one side at once, and all chips
  of owners without a country belong to China or to the United States; wider than a 90 % interval. Pairs without an interval, as
  Huawei and xAI, stay at their median.
alert: {leader: true, change: 3}
sources: [epoch_chip_owners] */
WITH pair AS (
    SELECT *, country_of(organisation, period_end) AS country, contains(lower(organisation), 'smuggled') AS smuggled
    FROM chip_stock
    WHERE source = 'epoch_chip_owners' AND chip_type = '' AND measure = 'cumulative'
), quarter AS (
    SELECT period_end, bool_or(incomplete) AS incomplete, count(*) AS pairs FROM pair GROUP BY period_end
), known AS (
    SELECT organisation, designer, min(period_end) AS since FROM pair GROUP BY organisation, designer
), complete AS (
    SELECT period_end
    FROM quarter
    WHERE NOT incomplete AND pairs = (SELECT count(*) FROM known WHERE known.since <= quarter.period_end)
), chosen AS (
    SELECT wanted.series, pair.*,
        CASE WHEN smuggled AND wanted.series = '' THEN 'neither' WHEN country IN ('USA', 'CHN') THEN country WHEN country IS NULL THEN 'unknown' ELSE 'neither' END AS side,
        coalesce(h100e_p5, h100e) AS least,
        coalesce(h100e_p95, h100e) AS most
    FROM pair
    SEMI JOIN complete USING (period_end)
    JOIN (VALUES (''), ('with_smuggled')) AS wanted (series) ON wanted.series = '' OR pair.period_end IN (SELECT period_end FROM pair WHERE smuggled)
), summed AS (
    SELECT
        series,
        period_end,
        sum(h100e ORDER BY h100e) AS world,
        coalesce(sum(h100e ORDER BY h100e) FILTER (side = 'USA'), 0) AS us,
        coalesce(sum(h100e ORDER BY h100e) FILTER (side = 'CHN'), 0) AS cn,
        coalesce(sum(h100e ORDER BY h100e) FILTER (side = 'neither'), 0) AS neither,
        coalesce(sum(h100e ORDER BY h100e) FILTER (side = 'unknown'), 0) AS unknown,
        coalesce(sum(least ORDER BY least) FILTER (side = 'USA'), 0) AS us_least,
        coalesce(sum(most ORDER BY most) FILTER (side = 'USA'), 0) AS us_most,
        coalesce(sum(least ORDER BY least) FILTER (side = 'CHN'), 0) AS cn_least,
        coalesce(sum(most ORDER BY most) FILTER (side = 'CHN'), 0) AS cn_most,
        coalesce(sum(most ORDER BY most) FILTER (side = 'unknown'), 0) AS unknown_most,
        list({side: side, dataset: 'chip_stock', source: source, document: document, locator: locator, 'value': h100e}
            ORDER BY side, organisation, designer) AS inputs
    FROM chosen
    GROUP BY series, period_end
), entered AS (
    SELECT period_end, sum(h100e ORDER BY h100e) AS h100e, string_agg(designer || ' of ' || organisation, ', ' ORDER BY organisation, designer) AS pairs
    FROM pair
    JOIN known USING (organisation, designer)
    WHERE period_end = since AND period_end > (SELECT min(period_end) FROM pair)
    GROUP BY period_end
)
SELECT
    series,
    NULL::VARCHAR AS statistic,
    date_trunc('quarter', period_end)::DATE AS period,
    100 * us / nullif(world, 0) AS usa,
    100 * cn / nullif(world, 0) AS chn,
    usa - chn AS gap,
    100 * (us_least - cn_most - unknown_most) / nullif(us_least + cn_most + unknown_most + neither, 0) AS low,
    100 * (us_most + unknown_most - cn_least) / nullif(us_most + unknown_most + cn_least + neither, 0) AS high,
    1 - unknown / nullif(world, 0) AS coverage,
    CASE WHEN entered.h100e > 0.01 * world THEN 'first estimates of: ' || entered.pairs END AS "break",
    inputs
FROM summed
LEFT JOIN entered USING (period_end)
