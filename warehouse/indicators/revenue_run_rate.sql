/* warehouse/indicators/revenue_run_rate.sql
title: Annualised revenue, OpenAI against Alibaba Cloud
question: Who is paid for AI?
unit: USD a year
formula: OpenAI's annualised revenue as last disclosed, less four times the quarter's revenue of Alibaba's Cloud Intelligence Group in US dollars
method: >
  Quarters, named by their first day. China: the RMB revenue of the segment as the last filing states it, times four, converted at the
  cross rate of the ECB's euro rates of RMB and US dollar on the last day of the quarter with rates, at most 7 days before its end (that day
  is in the inputs). It is an upper bound of Alibaba's AI revenue: the segment sells all kinds of computing, and to Alibaba itself. The company's
  own US$ figure is kept in company_revenue and is not used. United States: the annualised revenue that OpenAI itself has disclosed for
  the newest day up to the end of the quarter, at most 184 days before it; without one the quarter has no value. What OpenAI calls annualised is
  at times a run rate and at times recurring revenue. Revenue of a past period is another measure and is not used.
bounds: >
  RMB at the highest and the lowest cross rate of the quarter. There is no upper bound where OpenAI disclosed "at least", and no lower one where it
  said "at most".
alert: {leader: true, change: 10000000000}
sources: [alibaba_results, ecb_exchange_rates, published_figures] */
WITH quarter AS (
    FROM alibaba_cloud() WHERE period_end = period_start + INTERVAL 3 MONTH - INTERVAL 1 DAY
), converted AS (
    SELECT
        period_start,
        period_end,
        any_value(amount) * 4 / arg_max(rate, day) AS chn,
        any_value(amount) * 4 / max(rate) AS chn_low,
        any_value(amount) * 4 / min(rate) AS chn_high,
        [any_value(input)] || arg_max(rates.inputs, day) AS inputs
    FROM quarter JOIN usd_cny() AS rates ON day BETWEEN period_start AND period_end
    GROUP BY period_start, period_end
    HAVING max(day) >= period_end - INTERVAL 7 DAY
), disclosed AS (
    SELECT
        converted.period_start,
        figure.value AS usa,
        figure.quality,
        {side: 'USA', dataset: 'published_figure', source: figure.source, document: figure.document, locator: figure.locator, 'value': figure.value} AS input
    FROM converted JOIN published_figure AS figure
        ON figure.period_end BETWEEN converted.period_end - INTERVAL 184 DAY AND converted.period_end
    WHERE figure.source = 'published_figures' AND figure.subject = 'OpenAI' AND figure.publisher = 'OpenAI'
        AND figure.measure = 'annualised revenue' AND figure.unit = 'USD'
    QUALIFY row_number() OVER (PARTITION BY converted.period_start ORDER BY figure.period_end DESC, figure.said_on DESC, figure.figure) = 1
)
SELECT
    NULL::VARCHAR AS statistic,
    period_start AS period,
    usa,
    chn,
    usa - chn AS gap,
    CASE WHEN quality IS DISTINCT FROM 'at most' THEN usa - chn_high END AS low,
    CASE WHEN quality IS DISTINCT FROM 'at least' THEN usa - chn_low END AS high,
    1.0 AS coverage,
    [disclosed.input] || converted.inputs AS inputs
FROM converted JOIN disclosed USING (period_start)
