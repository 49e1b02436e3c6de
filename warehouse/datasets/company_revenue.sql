-- company_revenue: revenue that a company states for itself or one of its segments over a period, as one filing prints it
CREATE TABLE company_revenue (
    source       VARCHAR,          -- id of the source that states it (see the view source)
    company      VARCHAR,          -- company, as the publisher names it; its country is in reference.organisation
    segment      VARCHAR,          -- segment, as the filing names it; an empty text is the whole company
    measure      VARCHAR,          -- 'revenue', or 'revenue, convenience translation': the company's own figure in another currency than it reports in
    concept      VARCHAR,          -- tag of the XBRL concept, or label of the line, as printed
    currency     VARCHAR,          -- ISO 4217 code of the amount
    period_end   DATE,             -- last day of the period
    period_start DATE,             -- first day of the period
    filing       VARCHAR,          -- accession number of the filing that states it
    amount       DOUBLE NOT NULL,  -- amount, in units of the currency
    printed      VARCHAR,          -- amount as printed, without thousands separators
    scale        BIGINT,           -- power of ten by which the printed amount is multiplied
    filed_on     DATE,             -- day the filing was filed
    form         VARCHAR,          -- form of the filing, such as '10-K' or '6-K'
    PRIMARY KEY (source, company, segment, measure, concept, currency, period_end, period_start, filing)
);
