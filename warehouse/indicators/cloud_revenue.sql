/* warehouse/indicators/cloud_revenue.sql
title: Cloud revenue in a year
question: Whose clouds earn more?
unit: USD
formula: revenue of AWS and Google Cloud less that of Alibaba's Cloud Intelligence Group, calendar year
method: >
  The main series compares calendar years in which all is stated: AWS and Google Cloud (segments in the XBRL of forms 10-K), and the four quarters
  of Alibaba's segment. The other series are companies on their own, and gap is the revenue itself: aws and google_cloud by
  calendar year, microsoft_intelligent_cloud by fiscal year to June (it contains more than Azure, whose amount is not disclosed) and alibaba_cloud by
  fiscal year to March; each is named by the first day of its year. Years of different ends are not subtracted. Each period is taken from
  the filing filed last. RMB is converted at the average, over the period, of the ECB's cross rate of RMB to US dollar (quarter by quarter in
  the main series; the inputs name the days of the lowest and the highest); a period whose beginning or end has no rates has no value. The
  company's own US$ figure is not used. Segments are as the companies
  draw them, and differ in what they hold.
bounds: RMB at the highest and the lowest cross rate of the period; none for revenue reported in US dollars
alert: {leader: true, change: 50 %}
sources: [sec_segment_revenue, alibaba_results, ecb_exchange_rates] */
WITH segment AS (
    SELECT
        CASE segment WHEN 'AmazonWebServicesSegmentMember' THEN 'aws' WHEN 'GoogleCloudMember' THEN 'google_cloud' ELSE 'microsoft_intelligent_cloud' END AS series,
        period_start,
        amount,
        {side: 'USA', dataset: 'company_revenue', source: source, document: document, locator: locator, 'value': amount} AS input
    FROM company_revenue
    WHERE source = 'sec_segment_revenue' AND measure = 'revenue' AND currency = 'USD' AND period_end - period_start BETWEEN 360 AND 372
        AND segment IN ('AmazonWebServicesSegmentMember', 'GoogleCloudMember', 'IntelligentCloudMember')
    QUALIFY row_number() OVER (PARTITION BY segment, period_start ORDER BY filed_on DESC, filing DESC, concept) = 1
), alibaba AS (
    SELECT
        period_start,
        period_end,
        any_value(amount) / avg(rate ORDER BY day) AS usd,
        any_value(amount) / max(rate) AS low,
        any_value(amount) / min(rate) AS high,
        [any_value(input)] || first(rates.inputs ORDER BY rate, day) || first(rates.inputs ORDER BY rate DESC, day) AS inputs
    FROM alibaba_cloud() JOIN usd_cny() AS rates ON day BETWEEN period_start AND period_end
    GROUP BY period_start, period_end
    HAVING min(day) <= period_start + INTERVAL 31 DAY AND max(day) >= period_end - INTERVAL 7 DAY
), china AS (
    SELECT make_date(year(period_start), 1, 1) AS period_start, sum(usd ORDER BY period_start) AS usd, sum(low ORDER BY period_start) AS low,
        sum(high ORDER BY period_start) AS high, flatten(list(inputs ORDER BY period_start)) AS inputs
    FROM alibaba WHERE period_end = period_start + INTERVAL 3 MONTH - INTERVAL 1 DAY
    GROUP BY year(period_start) HAVING count(*) = 4
), america AS (
    SELECT period_start, sum(amount ORDER BY series) AS usd, list(input ORDER BY series) AS inputs
    FROM segment WHERE series IN ('aws', 'google_cloud') GROUP BY period_start HAVING count(*) = 2
)
SELECT
    '' AS series,
    NULL::VARCHAR AS statistic,
    period_start AS period,
    america.usd AS usa,
    china.usd AS chn,
    america.usd - china.usd AS gap,
    america.usd - china.high AS low,
    america.usd - china.low AS high,
    1.0 AS coverage,
    america.inputs || china.inputs AS inputs
FROM america JOIN china USING (period_start)
UNION ALL BY NAME
SELECT series, NULL::VARCHAR AS statistic, period_start AS period, amount AS usa, amount AS gap, 1.0 AS coverage, [input] AS inputs
FROM segment
UNION ALL BY NAME
SELECT 'alibaba_cloud' AS series, NULL::VARCHAR AS statistic, period_start AS period, usd AS chn, usd AS gap, low, high, 1.0 AS coverage, inputs
FROM alibaba WHERE period_end = period_start + INTERVAL 1 YEAR - INTERVAL 1 DAY
