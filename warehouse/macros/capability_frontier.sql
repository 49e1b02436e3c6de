/* The capability frontier of the United States and China in the newest vintage of Epoch's index, shared by capability_lag
   and capability_points.

   Draw 0 is the vintage as published, draws 1 to 500 are the same procedure over resampled scores. Scores are compared as
   decimals, so that 151.13 is not above 150.13 + 1 by a binary rounding, and sums do not depend on their order. */

-- The one document everything rests on: scores are re-fitted as a whole, so two documents are never mixed. Of the two
-- sources the one whose content is newer, and then the one that says more: newest bytes may hold an old table.
CREATE OR REPLACE TEMP MACRO capability_vintage() AS TABLE
SELECT source, any_value(last_day) AS last_day
FROM capability_score
JOIN (
    SELECT source, max(known_from)::DATE AS last_day
    FROM document
    WHERE status = 'accepted' AND source IN ('epoch_eci_scores', 'epoch_benchmark_data')
    GROUP BY source
) AS known USING (source)
WHERE eci IS NOT NULL
GROUP BY source
ORDER BY max(released_on) DESC NULLS LAST, count(DISTINCT model) FILTER (eci_low IS NOT NULL) DESC,
    count(DISTINCT model) DESC, source = 'epoch_eci_scores' DESC
LIMIT 1;

-- One row per scored model: the best score of its versions, dated by the earliest of them.
CREATE OR REPLACE TEMP MACRO capability_model() AS TABLE
SELECT
    model,
    min(released_on) AS released_on,
    max(eci)::DECIMAL(18, 9) AS score,
    -- null when no interval is published (the models that fix the scale): such a score is not moved
    first((eci_high - eci_low) / (2 * 1.6448536) ORDER BY eci DESC NULLS LAST, variant) AS deviation,
    -- the list repeats and mixes; Hong Kong is a token of its own and stays outside; a model may count for both sides
    regexp_split_to_array(nullif(trim(string_agg(country, ',' ORDER BY variant)), ''), '\s*,\s*') AS countries,
    first({source: source, document: document, locator: locator, eci: eci}
        ORDER BY eci DESC NULLS LAST, variant) AS stated
FROM capability_score
SEMI JOIN (FROM capability_vintage()) AS vintage USING (source)
GROUP BY model
HAVING max(eci) IS NOT NULL;

-- The models of each side that can set a record.
CREATE OR REPLACE TEMP MACRO capability_entry() AS TABLE
SELECT side.code AS side, model, released_on, score, deviation, stated
FROM capability_model()
JOIN (VALUES ('USA', 'United States of America'), ('CHN', 'China')) AS side (code, country) ON list_contains(countries, side.country)
WHERE released_on <= (SELECT last_day FROM capability_vintage());

-- Record setters of each side in every draw, the first one dropped as Epoch does: it only says where the list of models begins.
CREATE OR REPLACE TEMP MACRO capability_record() AS TABLE
WITH entry AS MATERIALIZED (
    FROM capability_entry()
), hashed AS (
    -- A hash instead of a generator: the number of a model in a draw depends on nothing but the two, whatever the engine,
    -- its threads or the other models. The separator is the seed; of a few, one with which 500 draws come near 5,000.
    SELECT model, draw, md5(model || '/' || draw) AS hash
    FROM (SELECT DISTINCT model FROM entry WHERE deviation IS NOT NULL), range(1, 501) AS draws (draw)
), uniform AS (
    -- 48 bits each; half a step off 0, which has no logarithm
    SELECT model, draw, (('0x' || hash[1:12])::BIGINT + 0.5::DOUBLE) / 281474976710656 AS radius,
        (('0x' || hash[13:24])::BIGINT + 0.5::DOUBLE) / 281474976710656 AS angle
    FROM hashed
), drawn AS (
    SELECT 0 AS draw, side, released_on, score FROM entry
    UNION ALL
    -- Box-Muller; rounded, so that the last bit of a mathematical library does not show
    SELECT draw, side, released_on, round(score + deviation * sqrt(-2 * ln(radius)) * cos(2 * pi() * angle), 4)::DECIMAL(18, 9)
    FROM entry JOIN uniform USING (model)
    UNION ALL
    -- without a single interval there is nothing to draw, and no bounds
    SELECT draw, side, released_on, score
    FROM entry, range(1, 501) AS draws (draw)
    WHERE deviation IS NULL AND EXISTS (FROM entry WHERE deviation IS NOT NULL)
)
-- Releases of one day count as one, the best of them: LLaMA-65B is the first record of its day, not LLaMA-7B.
-- The first day of a side has nothing before it, fails the comparison, and so is dropped.
SELECT draw, side, released_on, score
FROM (
    SELECT *, max(score) OVER (PARTITION BY draw, side ORDER BY released_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS standing
    FROM (SELECT draw, side, released_on, max(score) AS score FROM drawn GROUP BY draw, side, released_on)
)
WHERE score > standing;

-- Best score of both sides from since to the day before until, and the day a US record setter first passed China's by over a point.
CREATE OR REPLACE TEMP MACRO capability_frontier() AS TABLE
WITH record AS MATERIALIZED (
    FROM capability_record()
), standing AS (
    -- a later record setter is a higher one, so the running maximum is the standing record
    SELECT
        draw,
        released_on AS since,
        lead(released_on, 1, (SELECT last_day + 1 FROM capability_vintage())) OVER in_time AS until,
        max(max(score) FILTER (side = 'USA')) OVER in_time AS usa,
        max(max(score) FILTER (side = 'CHN')) OVER in_time AS chn
    FROM record
    GROUP BY draw, released_on
    WINDOW in_time AS (PARTITION BY draw ORDER BY released_on)
)
SELECT standing.*, passing.released_on AS passed_on, passing.score AS passed_by
FROM (FROM standing WHERE usa IS NOT NULL AND chn IS NOT NULL) AS standing
ASOF LEFT JOIN (FROM record WHERE side = 'USA') AS passing ON standing.draw = passing.draw AND standing.chn + 1 < passing.score;

-- The rows of an indicator over the frontier, its days (statistic null) and its headline. measure 'lag': days since the
-- passing release, 0 before it; 'points': USA less China.
CREATE OR REPLACE TEMP MACRO capability_gap(measure) AS TABLE
WITH daily AS MATERIALIZED (
    SELECT
        draw,
        day,
        usa,
        chn,
        CASE WHEN measure = 'lag' AND passed_on <= day THEN passed_by END AS passed_by,
        (CASE measure WHEN 'lag' THEN greatest(day - coalesce(passed_on, day), 0) WHEN 'points' THEN usa - chn END)::DECIMAL(18, 9) AS gap
    FROM (SELECT *, since + unnest(range(until - since))::INTEGER AS day FROM capability_frontier())
), setter AS MATERIALIZED (
    -- the published row behind each score: the first model to have it set the record
    SELECT side, score, {side: side, dataset: 'capability_score', source: stated.source, document: stated.document,
        locator: stated.locator, 'value': stated.eci} AS input
    FROM capability_entry()
    QUALIFY row_number() OVER (PARTITION BY side, score ORDER BY released_on, model) = 1
), published AS MATERIALIZED (
    SELECT
        day,
        best_usa.input.value AS usa,
        best_chn.input.value AS chn,
        daily.gap,
        CASE WHEN passed_by < daily.usa
            THEN [best_chn.input, passing.input, best_usa.input]
            ELSE [best_chn.input, best_usa.input]
        END AS inputs
    FROM daily
    JOIN setter AS best_usa ON best_usa.side = 'USA' AND best_usa.score = daily.usa
    JOIN setter AS best_chn ON best_chn.side = 'CHN' AND best_chn.score = daily.chn
    LEFT JOIN setter AS passing ON passing.side = 'USA' AND passing.score = daily.passed_by
    WHERE draw = 0
), bound AS (
    -- discrete: a value that was drawn, so that no engine interpolates differently
    SELECT day, quantile_disc(gap, 0.05) AS low, quantile_disc(gap, 0.95) AS high
    FROM daily WHERE draw > 0 GROUP BY day
), summary AS (
    SELECT draw, unnest(['mean', 'min', 'max', 'current']) AS statistic,
        unnest([sum(gap) / count(*), min(gap)::DOUBLE, max(gap)::DOUBLE, arg_max(gap, day)::DOUBLE]) AS gap
    FROM daily GROUP BY draw
), headline AS (
    SELECT
        statistic,
        max(gap) FILTER (draw = 0) AS gap,
        quantile_disc(gap, 0.05) FILTER (draw > 0) AS low,
        quantile_disc(gap, 0.95) FILTER (draw > 0) AS high
    FROM summary GROUP BY statistic
), origin AS (
    -- what a statistic came from: the first day of an extreme, the last day, for the mean every row of any day
    SELECT 'min' AS statistic, arg_min(inputs, (gap, day)) AS inputs FROM published
    UNION ALL
    SELECT 'max', arg_min(inputs, (-gap, day)) FROM published
    UNION ALL
    SELECT 'current', arg_max(inputs, day) FROM published
    UNION ALL
    SELECT 'mean', list_sort(list(DISTINCT input)) FROM (SELECT unnest(inputs) AS input FROM published)
), known AS (
    SELECT count(countries) / nullif(count(*), 0) AS coverage FROM capability_model()
)
SELECT NULL::VARCHAR AS statistic, day AS period, usa, chn, gap::DOUBLE AS gap, low::DOUBLE AS low, high::DOUBLE AS high, coverage, inputs
FROM published LEFT JOIN bound USING (day) CROSS JOIN known
UNION ALL
SELECT statistic, last.day, last.usa, last.chn, headline.gap, low, high, coverage, origin.inputs
FROM headline JOIN origin USING (statistic) CROSS JOIN known
CROSS JOIN (FROM published ORDER BY day DESC LIMIT 1) AS last;
