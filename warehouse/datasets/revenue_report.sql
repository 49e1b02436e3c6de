-- revenue_report: revenue of an AI company as reported at one time by the company or the press, as a collection states it
CREATE TABLE revenue_report (
    source            VARCHAR,           -- id of the source that states it (see the view source)
    organisation      VARCHAR,           -- company, as printed; its country is in reference.organisation
    measure           VARCHAR,           -- 'run rate', 'annual recurring revenue', 'annualised period revenue' (of a quarter, say, times four), 'period revenue' (the period's own amount) or 'not stated'
    scope             VARCHAR,           -- 'company', 'product or division' (never the company) or 'not stated'
    day               DATE,              -- day the amount is as of; for a period its last or middle day, as the publisher chooses
    url               VARCHAR,           -- first page cited; an empty text: none
    amount_usd        DOUBLE NOT NULL,   -- US dollars a year; for 'period revenue' US dollars in the period
    period_type       VARCHAR,           -- period that the amount is of, or was scaled up from: 'year', 'quarter' and so on, as printed, lower case; null: none
    caption           VARCHAR,           -- the publisher's short name of the row; not unique
    disclosure        VARCHAR,           -- who reported it, as printed: 'Company disclosure', 'Media report' or a comma list
    company_disclosed BOOLEAN,           -- whether 'Company disclosure' is among them; null: not stated
    confidence        VARCHAR,           -- the publisher's confidence: 'Confident', 'Likely' or 'Uncertain'
    reported_on       DATE,              -- when it was reported
    remark            VARCHAR,           -- the publisher's remark for charts, as printed; null: none
    PRIMARY KEY (source, organisation, measure, scope, day, url)
);
