-- livebench_category: the tasks that make up each category of a LiveBench table
CREATE TABLE livebench_category (
    source     VARCHAR,  -- id of the source that states it (see the view source)
    table_date DATE,     -- day of the table, as in livebench_score
    category   VARCHAR,  -- category, as printed
    task       VARCHAR,  -- task, as in livebench_score
    PRIMARY KEY (source, table_date, category, task)
);
