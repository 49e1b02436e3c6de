CREATE TABLE livebench_score (
    source     VARCHAR,
    table_date DATE,
    model      VARCHAR,
    task       VARCHAR,
    score      DOUBLE,
    printed    VARCHAR,
    PRIMARY KEY (source, table_date, model, task)
);
COMMENT ON TABLE livebench_score IS
    'result of a model on a LiveBench task, in one of the benchmark''s dated tables';
COMMENT ON COLUMN livebench_score.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN livebench_score.table_date IS
    'day of the table: a release of the benchmark with its own tasks, edited in place for months';
COMMENT ON COLUMN livebench_score.model IS 'model as printed; every effort is a row of its own';
COMMENT ON COLUMN livebench_score.task IS 'task, as printed in the header';
COMMENT ON COLUMN livebench_score.score IS 'per cent; null: no result (a task that failed is printed as 0.0)';
COMMENT ON COLUMN livebench_score.printed IS 'the cell as printed; null: blank';
