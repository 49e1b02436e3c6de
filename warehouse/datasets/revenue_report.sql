CREATE TABLE revenue_report (
    source            VARCHAR,
    organisation      VARCHAR,
    measure           VARCHAR,
    scope             VARCHAR,
    day               DATE,
    url               VARCHAR,
    amount_usd        DOUBLE NOT NULL,
    period_type       VARCHAR,
    caption           VARCHAR,
    disclosure        VARCHAR,
    company_disclosed BOOLEAN,
    confidence        VARCHAR,
    reported_on       DATE,
    remark            VARCHAR,
    PRIMARY KEY (source, organisation, measure, scope, day, url)
);
COMMENT ON TABLE revenue_report IS
    'revenue of an AI company as reported at one time by the company or the press, as a collection states it';
COMMENT ON COLUMN revenue_report.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN revenue_report.organisation IS
    'company, as printed; its country is in reference.organisation';
COMMENT ON COLUMN revenue_report.measure IS
    '''run rate'', ''annual recurring revenue'', ''annualised period revenue'' (of a quarter, say, times '
    'four), ''period revenue'' (the period''s own amount) or ''not stated''';
COMMENT ON COLUMN revenue_report.scope IS
    '''company'', ''product or division'' (never the company) or ''not stated''';
COMMENT ON COLUMN revenue_report.day IS
    'day the amount is as of; for a period its last or middle day, as the publisher chooses';
COMMENT ON COLUMN revenue_report.url IS 'first page cited; an empty text: none';
COMMENT ON COLUMN revenue_report.amount_usd IS
    'US dollars a year; for ''period revenue'' US dollars in the period';
COMMENT ON COLUMN revenue_report.period_type IS
    'period that the amount is of, or was scaled up from: ''year'', ''quarter'' and so on, as printed, '
    'lower case; null: none';
COMMENT ON COLUMN revenue_report.caption IS 'the publisher''s short name of the row; not unique';
COMMENT ON COLUMN revenue_report.disclosure IS
    'who reported it, as printed: ''Company disclosure'', ''Media report'' or a comma list';
COMMENT ON COLUMN revenue_report.company_disclosed IS
    'whether ''Company disclosure'' is among them; null: not stated';
COMMENT ON COLUMN revenue_report.confidence IS
    'the publisher''s confidence: ''Confident'', ''Likely'' or ''Uncertain''';
COMMENT ON COLUMN revenue_report.reported_on IS 'when it was reported';
COMMENT ON COLUMN revenue_report.remark IS 'the publisher''s remark for charts, as printed; null: none';
