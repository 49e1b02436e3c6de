/* Revenue by quarter from company_revenue, for whole companies (segment '') and segments.

   A company changes the concept it tags its revenue with, a filing repeats the periods before it, and quarters, half-years,
   nine months and years are in one list. So: of all concepts and filings known, the latest filed holds for a period; of one
   filing, the most comprehensive concept. Only the days of start and end say what a period is (13 or 14 weeks, and so on).

   A quarter that no filing prints is what is left when a period is taken from a longer one with the same first day: the fourth is the
   year less its nine months. Then derived is true and inputs holds both. The year may have been restated after the nine months were
   last printed (Microsoft's fiscal 2016 was, by 6.8 %), so the year is taken from the filing nearest in time to that of the nine months.
   Both are rounded: a derived quarter can be one off in the last printed digit.

   Source, company, segment and currency are kept apart; translations (measure) are left out. filed_on is when the last of the figures
   used was filed, filing that filing, concept the one it uses. */
CREATE OR REPLACE TEMP MACRO quarterly_revenue() AS TABLE
WITH filed AS (
    SELECT *, period_end - period_start + 1 AS days,
        {dataset: 'company_revenue', source: source, document: document, locator: locator, 'value': amount} AS input
    FROM company_revenue
    WHERE measure = 'revenue'
    QUALIFY row_number() OVER (
        PARTITION BY source, company, segment, currency, period_start, period_end, filing
        ORDER BY CASE concept
            WHEN 'Revenues' THEN 1
            WHEN 'RevenueFromContractWithCustomerExcludingAssessedTax' THEN 2
            WHEN 'RevenueFromContractWithCustomerIncludingAssessedTax' THEN 3
            ELSE 4
        END, concept
    ) = 1
), stated AS (
    FROM filed
    QUALIFY row_number() OVER (PARTITION BY source, company, segment, currency, period_start, period_end ORDER BY filed_on DESC, filing DESC) = 1
), quarter AS (
    SELECT source, company, segment, currency, period_start, period_end, amount, FALSE AS derived, concept, filing, filed_on, [input] AS inputs
    FROM stated WHERE days BETWEEN 80 AND 100
    UNION ALL
    (SELECT long.source, long.company, long.segment, long.currency, short.period_end + 1, long.period_end, long.amount - short.amount, TRUE,
        long.concept, CASE WHEN long.filed_on >= short.filed_on THEN long.filing ELSE short.filing END,
        greatest(long.filed_on, short.filed_on), [long.input, short.input]
    FROM filed AS long
    JOIN stated AS short USING (source, company, segment, currency, period_start)
    WHERE long.period_end - short.period_end BETWEEN 80 AND 100 AND long.days <= 380
    QUALIFY row_number() OVER (
        PARTITION BY long.source, long.company, long.segment, long.currency, long.period_start, long.period_end, short.period_end
        ORDER BY abs(long.filed_on - short.filed_on), long.filed_on DESC, long.filing DESC
    ) = 1)
)
FROM quarter
QUALIFY row_number() OVER (PARTITION BY source, company, segment, currency, period_end ORDER BY derived, filed_on DESC, period_start) = 1;
