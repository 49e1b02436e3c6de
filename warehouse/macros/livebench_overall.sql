/* Averages of LiveBench as its site shows them: a category is the mean of its tasks, the overall (category null) the mean of the categories.
   Null when a task of the category has no result: a failed task is not a zero, and the mean of the others is another measure. */
CREATE OR REPLACE TEMP MACRO livebench_overall() AS TABLE
WITH model AS (
    SELECT DISTINCT table_date, model FROM livebench_score
), averaged AS (
    SELECT table_date, model, category, count(*) AS tasks, count(*) - count(score) AS missing,
        CASE WHEN count(score) = count(*) THEN avg(score ORDER BY score) END AS average
    FROM livebench_category
    JOIN model USING (table_date)
    LEFT JOIN livebench_score USING (table_date, model, task)
    GROUP BY ALL
)
SELECT table_date, model, category, average, tasks, missing FROM averaged
UNION ALL
SELECT table_date, model, NULL, CASE WHEN count(average) = count(*) THEN avg(average ORDER BY average) END, sum(tasks)::BIGINT, sum(missing)::BIGINT
FROM averaged GROUP BY table_date, model;
