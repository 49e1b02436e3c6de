/* warehouse/indicators/capability_points.sql
title: Lead of the best US model over the best Chinese model
question: How many points of capability is the best Chinese model behind the US frontier?
unit: ECI points
formula: best US score so far less best Chinese score so far
method: >
  Scores of the Epoch Capabilities Index (ECI; Claude 3.5 Sonnet = 130, GPT-5 = 150) from one vintage, of the two sources' newest documents the
  one with the newest models, for every day up to the one it was known on. Record setters, countries and headline statistics as in
  capability_lag. A point is not worth the same number of months at every time, so both are shown.
bounds: >
  5th and 95th percentile over 500 draws of every model's score from the normal distribution that its published 90 % interval
  implies, each draw going through the whole procedure; the draws are independent, and models without an interval are not moved.
  The best of many moved scores is above the best of the published ones, on either side.
  None when the vintage has no intervals.
alert: {leader: true, change: 2.0}
sources: [epoch_eci_scores, epoch_benchmark_data] */
SELECT statistic, period, usa, chn, gap, low, high, coverage, inputs
FROM capability_gap('points')
