CREATE TABLE livebench_category (
    source     VARCHAR,
    table_date DATE,
    category   VARCHAR,
    task       VARCHAR,
    PRIMARY KEY (source, table_date, category, task)
);
COMMENT ON TABLE livebench_category IS 'the tasks that make up each category of a LiveBench table';
COMMENT ON COLUMN livebench_category.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN livebench_category.table_date IS 'day of the table, as in livebench_score';
COMMENT ON COLUMN livebench_category.category IS 'category, as printed';
COMMENT ON COLUMN livebench_category.task IS 'task, as in livebench_score';
