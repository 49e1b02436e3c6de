/* warehouse/indicators/capability_lag.sql
title: Lag of China's best model behind the United States
question: How many months behind the US frontier is the best Chinese model?
unit: months
formula: days since the release of the first US record setter more than 1 ECI point above the best Chinese model so far (0 if none), divided by 30.44
method: >
  Epoch's own definition over one vintage, of the two sources' newest documents the one with the newest models, for every day up to the one it was known on.
  Record setters are the models that had the highest Epoch Capabilities Index (ECI) of their country on release; releases of one
  day count as one, the best of them; the first record setter of each country is dropped. A model belongs to a country that its
  list of countries names: one named by both counts for both, one of Hong Kong or without a country for neither. usa and chn are
  the best scores so far. The headline statistics are over the days of the series, each day counting once.
bounds: >
  5th and 95th percentile over 500 draws of every model's score from the normal distribution that its published 90 % interval
  implies, each draw going through the whole procedure; the draws are independent, and models without an interval are not moved.
  None when the vintage has no intervals.
alert: {leader: true, change: 1.0}
sources: [epoch_eci_scores, epoch_benchmark_data] */
SELECT statistic, period, usa, chn, gap / 30.44 AS gap, low / 30.44 AS low, high / 30.44 AS high, coverage, inputs
FROM capability_gap('lag')
