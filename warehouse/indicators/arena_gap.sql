/* warehouse/indicators/arena_gap.sql
title: Preferred chatbots, rating gap
question: How far is the best Chinese model behind the best US model in the votes of users?
unit: Elo
formula: rating of the best US model less rating of the best Chinese model, overall text board of LMArena, one publish date
method: >
  One value for each publish date and configuration; three series that are never mixed, 'raw', 'style_control' (length and mark-up of the
  answers taken out) and 'site' (the first models as the site prints them, rounded, which does not say whether style control is on; its dates are
  days on which a third party collected it, not publish dates). Several effort settings of a model are rows of their own: the best one counts. A date is taken from the first of these sources that states it
  in full: the official history, the official newest board, the official exports, the dated tables, the table of ratings per day. The country is that of the
  maker's headquarters on the day; Hong Kong is neither. Ratings are fitted anew for every board, so only the gap is compared over time; where the
  whole board moved alike between two dates, the date is a break.
bounds: >
  from the published 95 % intervals: best lower end of one side less best upper end of the other, and the reverse; a model whose maker's country is
  not known counts for either side. None where the best of a side has no interval, unless such a model is above the best Chinese one
alert: {leader: true, change: 25}
sources: [lmarena_text_history, lmarena_text, lmarena_text_style_control, lmarena_catalog, lmarena_tables, lmarena_wide_history,
  arena_daily] */
WITH board AS MATERIALIZED (
    FROM arena_board()
), side AS (
    SELECT
        configuration,
        published_on,
        max(rating) FILTER (country = 'USA') AS usa,
        max(rating) FILTER (country = 'CHN') AS chn,
        max(rating_low) FILTER (country = 'USA') AS usa_low,
        max(rating_high) FILTER (country = 'USA') AS usa_high,
        max(rating_low) FILTER (country = 'CHN') AS chn_low,
        max(rating_high) FILTER (country = 'CHN') AS chn_high,
        max(rating_high) FILTER (country IS NULL) AS unknown_high,
        coalesce(arg_max(measured, rating) FILTER (country = 'USA') AND arg_max(measured, rating) FILTER (country = 'CHN'), false) AS measured,
        count(country) / count(*) AS coverage
    FROM board GROUP BY configuration, published_on
), best AS (
    SELECT configuration, published_on,
        list({side: country, dataset: 'arena_rating', source: source, document: document, locator: locator, 'value': rating} ORDER BY country) AS inputs
    FROM (
        FROM board WHERE country IN ('USA', 'CHN')
        QUALIFY row_number() OVER (PARTITION BY configuration, published_on, country ORDER BY rating DESC, model) = 1
    ) GROUP BY configuration, published_on
)
SELECT
    replace(configuration, ' ', '_') AS series,
    NULL::VARCHAR AS statistic,
    published_on AS period,
    usa,
    chn,
    usa - chn AS gap,
    CASE WHEN measured OR unknown_high > chn THEN usa_low - greatest(chn_high, unknown_high) END AS low,
    CASE WHEN measured OR unknown_high > chn THEN greatest(usa_high, unknown_high) - chn_low END AS high,
    coverage,
    rebasing.detail AS "break",
    inputs
FROM side
JOIN best USING (configuration, published_on)
LEFT JOIN arena_rebasing() AS rebasing USING (configuration, published_on)
