-- The same record as a locator names, in another column: for values that a dataset keeps beside the one its locator points at.
CREATE OR REPLACE TEMP MACRO in_column(locator, name) AS regexp_replace(locator, '(?s), column .*', ', column ' || name);
