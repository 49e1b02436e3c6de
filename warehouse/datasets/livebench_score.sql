-- livebench_score: result of a model on a LiveBench task, in one of the benchmark's dated tables
CREATE TABLE livebench_score (
    source     VARCHAR,  -- id of the source that states it (see the view source)
    table_date DATE,     -- day of the table: a release of the benchmark with its own tasks, edited in place for months
    model      VARCHAR,  -- model as printed; every effort is a row of its own
    task       VARCHAR,  -- task, as printed in the header
    score      DOUBLE,   -- per cent; null: no result (a task that failed is printed as 0.0)
    printed    VARCHAR,  -- the cell as printed; null: blank
    PRIMARY KEY (source, table_date, model, task)
);
