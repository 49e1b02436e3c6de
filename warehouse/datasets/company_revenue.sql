CREATE TABLE company_revenue (
    source       VARCHAR,
    company      VARCHAR,
    segment      VARCHAR,
    measure      VARCHAR,
    concept      VARCHAR,
    currency     VARCHAR,
    period_end   DATE,
    period_start DATE,
    filing       VARCHAR,
    amount       DOUBLE NOT NULL,
    printed      VARCHAR,
    scale        BIGINT,
    filed_on     DATE,
    form         VARCHAR,
    PRIMARY KEY (source, company, segment, measure, concept, currency, period_end, period_start, filing)
);
COMMENT ON TABLE company_revenue IS
    'revenue that a company states for itself or one of its segments over a period, as one filing prints it';
COMMENT ON COLUMN company_revenue.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN company_revenue.company IS
    'company, as the publisher names it; its country is in reference.organisation';
COMMENT ON COLUMN company_revenue.segment IS
    'segment, as the filing names it; an empty text is the whole company';
COMMENT ON COLUMN company_revenue.measure IS
    '''revenue'', or ''revenue, convenience translation'': the company''s own figure in another currency '
    'than it reports in';
COMMENT ON COLUMN company_revenue.concept IS 'tag of the XBRL concept, or label of the line, as printed';
COMMENT ON COLUMN company_revenue.currency IS 'ISO 4217 code of the amount';
COMMENT ON COLUMN company_revenue.period_end IS 'last day of the period';
COMMENT ON COLUMN company_revenue.period_start IS 'first day of the period';
COMMENT ON COLUMN company_revenue.filing IS 'accession number of the filing that states it';
COMMENT ON COLUMN company_revenue.amount IS 'amount, in units of the currency';
COMMENT ON COLUMN company_revenue.printed IS 'amount as printed, without thousands separators';
COMMENT ON COLUMN company_revenue.scale IS 'power of ten by which the printed amount is multiplied';
COMMENT ON COLUMN company_revenue.filed_on IS 'day the filing was filed';
COMMENT ON COLUMN company_revenue.form IS 'form of the filing, such as ''10-K'' or ''6-K''';
