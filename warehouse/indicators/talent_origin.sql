/* warehouse/indicators/talent_origin.sql
title: Where top AI researchers come from and work, as published
question: Where do the researchers at the top conference come from, and where do they go?
unit: percentage points
formula: published share of China less published share of the United States, of one edition of one study; of a one-sided series the share itself
method: >
  Published values alone, each as its publisher states it and the day it did; none is computed here, and none is joined to the
  shares measured from lists of accepted papers (talent_work), which count other people in another way. Series works_in_top and
  origin_top: MacroPolo, samples of the authors at NeurIPS 2019 (675) and 2022 (867); origin is the country of the first degree,
  the working country is that of the institution's headquarters. elite_origin: authors of oral presentations, the top 0.5 % in
  2019, about the top 2 % in 2022. elite_works_in has one side in either year and so no gap. deepseek_only_in_china (Hoover): of the
  authors of DeepSeek's papers of 2024 and early 2025, those who were never at an institution outside China.
  china_origin_still_in_usa (Carnegie): of the researchers of Chinese origin in the United States in the sample of 2019, those still
  there. The period is the year of the conference, or the year in which what is counted ends.
bounds: >
  none: no publisher states an interval. At MacroPolo's sample sizes a share moves by some 6 points from one sample to another, so a
  smaller difference says nothing.
alert: {leader: true}
sources: [published_figures] */
WITH named(measure, series, one_sided) AS (
    VALUES ('share of top-tier AI researchers working in', 'works_in_top', false),
        ('share of top-tier AI researchers from', 'origin_top', false),
        ('share of elite AI researchers from', 'elite_origin', false),
        ('share of elite AI researchers working in', 'elite_works_in', false),
        ('share of DeepSeek authors only ever in', 'deepseek_only_in_china', true),
        ('share of Chinese-origin researchers in the United States in 2019 who now work in', 'china_origin_still_in_usa', true)
), stated AS (
    SELECT *, date_trunc('year', period_end)::DATE AS period
    FROM published_figure JOIN named USING (measure)
    WHERE source = 'published_figures' AND unit = '%' AND subject = ANY (CASE series
        WHEN 'deepseek_only_in_china' THEN ['CHN'] WHEN 'china_origin_still_in_usa' THEN ['USA'] ELSE ['USA', 'CHN'] END)
    QUALIFY row_number() OVER (PARTITION BY series, period, subject ORDER BY said_on DESC, figure) = 1
)
SELECT
    series,
    NULL::VARCHAR AS statistic,
    period,
    max(value) FILTER (subject = 'USA') AS usa,
    max(value) FILTER (subject = 'CHN') AS chn,
    CASE WHEN any_value(one_sided) THEN coalesce(usa, chn) ELSE chn - usa END AS gap,
    NULL::DOUBLE AS low,
    NULL::DOUBLE AS high,
    1.0 AS coverage,
    CASE WHEN series = 'elite_origin' AND period >= DATE '2022-01-01' THEN 'elite is about the top 2 %, in 2019 it was the top 0.5 %' END AS "break",
    list({side: subject, dataset: 'published_figure', source: source, document: document, locator: locator, 'value': value} ORDER BY subject) AS inputs
FROM stated
GROUP BY series, period
