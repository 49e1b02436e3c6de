/* warehouse/indicators/chip_supply.sql
title: AI chips admitted to China against its own output
question: How do the chips that export rules would admit compare with what China makes?
unit: times
formula: H200 chips permitted, licensed, ordered or delivered, divided by the Chinese-designed output of the last calendar year before, both in chips or both in H100 equivalents
method: >
  Four different series, never added up: permitted_ceiling (what a rule would allow, no forecast), licensed, ordered and delivered, as
  published by those who said so; each in chips (…_units) and in H100 equivalents (…_h100e). usa is the number admitted, chn the output: the
  chips that Epoch AI estimates designers with their seat in China to have sold in the last calendar year that was over when the figure's
  period began, all four quarters of every such designer complete, from the table of sales, else from the table of owners by quarter. An H200 counts as
  many H100 equivalents as the same table gives a chip of type H100/H200 in its newest complete quarter. The period is the first day the figure is about; of several
  figures about one day the one said last counts. The sum of quarters is of medians, which is not the median of the year.
bounds: >
  lowest and highest ratio over all figures about that day and over the output at the sum of the quarters' 5th and of their 95th
  percentiles; quarters without percentiles count with their median. Wider than a 90 % interval.
alert: {leader: false, change: 20 %}
events: export controls
sources: [published_figures, epoch_chip_sales, epoch_chip_owners] */
WITH stated AS (
    SELECT 1 AS rank, source, organisation AS designer, chip_type, period_end, h100e, h100e_p5, h100e_p95, units, units_p5, units_p95, incomplete, document, locator,
        'chip_output' AS dataset
    FROM chip_output
    WHERE source = 'epoch_chip_sales' AND chip_type <> '' AND measure = 'quarter'
    UNION ALL
    SELECT 2, source, designer, chip_type, period_end, h100e, h100e_p5, h100e_p95, units, units_p5, units_p95, incomplete, document, locator, 'chip_stock'
    FROM chip_stock
    WHERE source = 'epoch_chip_owners' AND chip_type <> '' AND measure = 'quarter'
), chinese AS (
    SELECT *, year(period_end) AS year FROM stated WHERE country_of(designer, period_end) = 'CHN'
), yearly AS (
    SELECT rank, designer, year, count(DISTINCT period_end) AS quarters, bool_or(incomplete OR units IS NULL) AS partial, min(year) OVER (PARTITION BY rank, designer) AS since
    FROM chinese
    GROUP BY rank, designer, year
), full_year AS (
    -- a designer that has an earlier year must have all four quarters of this one; a new one may begin in any
    SELECT rank, year
    FROM yearly
    GROUP BY rank, year
    HAVING max(quarters) = 4
        AND NOT bool_or(partial)
        AND bool_and(quarters = 4 OR since = year)
        AND count(*) = (SELECT count(DISTINCT designer) FROM yearly AS other WHERE other.rank = yearly.rank AND other.since <= yearly.year)
), output AS (
    SELECT
        rank,
        year,
        [
            {unit: 'units', made: sum(units ORDER BY units),
                least: sum(coalesce(units_p5, units) ORDER BY coalesce(units_p5, units)),
                most: sum(coalesce(units_p95, units) ORDER BY coalesce(units_p95, units)),
                inputs: list({side: 'CHN', dataset: dataset, source: source, document: document, locator: in_column(locator, 'Number of Units'), 'value': units}
                    ORDER BY designer, chip_type, period_end)},
            {unit: 'h100e', made: sum(h100e ORDER BY h100e),
                least: sum(coalesce(h100e_p5, h100e) ORDER BY coalesce(h100e_p5, h100e)),
                most: sum(coalesce(h100e_p95, h100e) ORDER BY coalesce(h100e_p95, h100e)),
                inputs: list({side: 'CHN', dataset: dataset, source: source, document: document, locator: locator, 'value': h100e}
                    ORDER BY designer, chip_type, period_end)}
        ] AS measured
    FROM chinese
    SEMI JOIN full_year USING (rank, year)
    GROUP BY rank, year
    QUALIFY row_number() OVER (PARTITION BY year ORDER BY rank) = 1
), factor AS (
    SELECT
        rank,
        sum(h100e ORDER BY h100e) / sum(units ORDER BY units) AS h100e,
        flatten(list([
            {side: 'factor', dataset: dataset, source: source, document: document, locator: locator, 'value': h100e},
            {side: 'factor', dataset: dataset, source: source, document: document, locator: in_column(locator, 'Number of Units'), 'value': units}
        ] ORDER BY document, locator)) AS inputs
    FROM (FROM stated WHERE chip_type = 'H100/H200' AND units > 0 AND NOT incomplete QUALIFY period_end = max(period_end) OVER (PARTITION BY rank))
    GROUP BY rank
), figure AS (
    SELECT
        replace(replace(measure, 'H200 export ceiling', 'permitted_ceiling'), 'H200 ', '') AS series,
        period_start AS period,
        last("value" ORDER BY said_on, figure) AS chips,
        min("value") AS fewest,
        max("value") AS many,
        [last({side: 'USA', dataset: 'published_figure', source: source, document: document, locator: locator, 'value': "value"} ORDER BY said_on, figure)] AS inputs
    FROM published_figure
    WHERE source = 'published_figures' AND subject = 'CHN' AND unit = 'chips'
        AND measure IN ('H200 export ceiling', 'H200 licensed', 'H200 ordered', 'H200 delivered')
    GROUP BY measure, period_start
), compared AS (
    SELECT figure.*, unnest(output.measured) AS output, factor.h100e AS factor, factor.inputs AS factor_inputs
    FROM figure
    JOIN output ON output.year = year(figure.period) - 1
    LEFT JOIN factor USING (rank)
), scaled AS (
    SELECT *, CASE output.unit WHEN 'units' THEN 1 ELSE factor END AS scale FROM compared
)
SELECT
    series || '_' || output.unit AS series,
    NULL::VARCHAR AS statistic,
    period,
    chips * scale AS usa,
    output.made AS chn,
    usa / nullif(chn, 0) AS gap,
    fewest * scale / nullif(output.most, 0) AS low,
    many * scale / nullif(output.least, 0) AS high,
    1::DOUBLE AS coverage,
    NULL::VARCHAR AS "break",
    list_concat(list_concat(inputs, output.inputs), CASE output.unit WHEN 'h100e' THEN factor_inputs ELSE [] END) AS inputs
FROM scaled
