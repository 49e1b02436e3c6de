-- Renminbi for one US dollar on each day that the ECB sets rates: a cross rate, CNY per EUR over USD per EUR.
CREATE OR REPLACE TEMP MACRO usd_cny() AS TABLE
SELECT
    cny.day,
    cny.rate / usd.rate AS rate,
    [
        {side: 'CHN', dataset: 'exchange_rate', source: cny.source, document: cny.document, locator: cny.locator, 'value': cny.rate},
        {side: 'CHN', dataset: 'exchange_rate', source: usd.source, document: usd.document, locator: usd.locator, 'value': usd.rate}
    ] AS inputs
FROM exchange_rate AS cny JOIN exchange_rate AS usd USING (source, base, day)
WHERE cny.source = 'ecb_exchange_rates' AND cny.base = 'EUR' AND cny.currency = 'CNY' AND usd.currency = 'USD' AND usd.rate > 0;

-- Revenue of Alibaba's cloud segment in RMB, each period as the filing filed last states it; since the June 2023 quarter.
CREATE OR REPLACE TEMP MACRO alibaba_cloud() AS TABLE
SELECT
    period_start,
    period_end,
    amount,
    filed_on,
    {side: 'CHN', dataset: 'company_revenue', source: source, document: document, locator: locator, 'value': amount} AS input
FROM company_revenue
WHERE source = 'alibaba_results' AND segment = 'Cloud Intelligence Group' AND measure = 'revenue' AND currency = 'CNY'
QUALIFY row_number() OVER (PARTITION BY period_start, period_end ORDER BY filed_on DESC, filing DESC, concept) = 1;
