-- views: what analysts open, in main. What stands in braces is filled in by build.py.
CREATE VIEW main.release AS FROM ledger.release;
CREATE VIEW main.alert AS FROM ledger.alert;
CREATE VIEW main.source AS FROM ledger.source;
CREATE VIEW main.document AS FROM ledger.document WHERE known_from <= {moment};
CREATE VIEW main.fetch AS FROM ledger.fetch;
CREATE VIEW main.check_result AS FROM ledger.check_result;
CREATE VIEW main.quarantine AS FROM ledger.quarantine;
CREATE VIEW main.indicator AS FROM ledger.indicator;
