-- surface: the tables of ledger, derived and reference, with the words that the published file has for them.
-- Dataset views and their history tables are made from datasets/*.sql.

CREATE SCHEMA IF NOT EXISTS history;
CREATE SCHEMA IF NOT EXISTS derived;
CREATE SCHEMA IF NOT EXISTS ledger;
CREATE SCHEMA IF NOT EXISTS reference;

CREATE TABLE IF NOT EXISTS ledger.release (
    release      VARCHAR,
    released_at  TIMESTAMP,
    code         VARCHAR,
    signature    VARCHAR,
    documents    BIGINT,
    newest       VARCHAR,
    claims       VARCHAR,
    "lines"      BIGINT,
    archive      VARCHAR,
    "method"     VARCHAR
);
COMMENT ON TABLE ledger.release IS 'each version of the published file';
COMMENT ON COLUMN ledger.release.release IS 'id of the release';
COMMENT ON COLUMN ledger.release.released_at IS 'when it was published, UTC';
COMMENT ON COLUMN ledger.release.code IS 'version of gapwatch that built it';
COMMENT ON COLUMN ledger.release.signature IS 'SHA-256 over the documents, code and states it was built from';
COMMENT ON COLUMN ledger.release.documents IS 'number of vintages known to it';
COMMENT ON COLUMN ledger.release.newest IS
    'newest value of every series, JSON: indicator or indicator/series -> {period, gap, leader}';
COMMENT ON COLUMN ledger.release.claims IS 'verdict on every claim, JSON: claim -> verdict';
COMMENT ON COLUMN ledger.release."lines" IS
    'lines of the document ledger known to it; null: released before this was recorded';
COMMENT ON COLUMN ledger.release.archive IS 'SHA-256 over these lines, the archive head';
COMMENT ON COLUMN ledger.release."method" IS
    'SHA-256 of the list of what decided its values besides documents, in ledger/method of the data '
    'directory';

CREATE TABLE IF NOT EXISTS ledger.said (
    indicator    VARCHAR,
    series       VARCHAR,
    statistic    VARCHAR,
    period       DATE,
    usa          DOUBLE,
    chn          DOUBLE,
    gap          DOUBLE,
    low          DOUBLE,
    high         DOUBLE,
    leader       VARCHAR,
    unit         VARCHAR,
    said_from    TIMESTAMP,
    said_to      TIMESTAMP,
    release      VARCHAR
);
COMMENT ON TABLE ledger.said IS
    'every value that releases said, with the time during which it was the one they said';
COMMENT ON COLUMN ledger.said.indicator IS 'id of the indicator';
COMMENT ON COLUMN ledger.said.series IS
    'which of the indicator''s series; an empty text is the only or the main one';
COMMENT ON COLUMN ledger.said.statistic IS
    'an empty text for a value of the series, else the name of a headline number over it';
COMMENT ON COLUMN ledger.said.period IS 'first day of the period; null for a headline number';
COMMENT ON COLUMN ledger.said.usa IS
    'the side of the United States as released, unit in the indicator''s method';
COMMENT ON COLUMN ledger.said.chn IS 'the side of China as released, same unit';
COMMENT ON COLUMN ledger.said.gap IS 'what is tracked, as released; of a headline number its value';
COMMENT ON COLUMN ledger.said.low IS 'lower bound as released; null: none';
COMMENT ON COLUMN ledger.said.high IS 'upper bound as released; null: none';
COMMENT ON COLUMN ledger.said.leader IS '''USA'', ''CHN'' or ''tie'', as released';
COMMENT ON COLUMN ledger.said.unit IS 'unit of gap, low and high';
COMMENT ON COLUMN ledger.said.said_from IS 'when the release was published that first said so, UTC';
COMMENT ON COLUMN ledger.said.said_to IS
    'when one was published that said something else or nothing, UTC; null: still said';
COMMENT ON COLUMN ledger.said.release IS 'id of the release that first said so';

CREATE TABLE IF NOT EXISTS ledger.alert (
    alert        VARCHAR,
    release      VARCHAR,
    released_at  TIMESTAMP,
    indicator    VARCHAR,
    series       VARCHAR,
    claim        VARCHAR,
    kind         VARCHAR,
    period       DATE,
    before       DOUBLE,
    after        DOUBLE,
    rule         VARCHAR,
    message      VARCHAR
);
COMMENT ON TABLE ledger.alert IS 'what a release changed that is worth a person''s attention';
COMMENT ON COLUMN ledger.alert.alert IS 'id: release, what it is about, and kind';
COMMENT ON COLUMN ledger.alert.release IS 'the release that moved';
COMMENT ON COLUMN ledger.alert.released_at IS 'when that release was published, UTC';
COMMENT ON COLUMN ledger.alert.indicator IS 'the indicator that moved; null for another kind';
COMMENT ON COLUMN ledger.alert.series IS 'which of its series; an empty text is the only or the main one';
COMMENT ON COLUMN ledger.alert.claim IS 'the claim whose verdict changed; null for another kind';
COMMENT ON COLUMN ledger.alert.kind IS
    '''leader'' (the side ahead changed), ''change'' (the newest value moved by more than its rule allows), '
    '''claim'' (a verdict changed) or ''words'' (a published figure''s words are gone from its page)';
COMMENT ON COLUMN ledger.alert.period IS 'period of the newest value, first day';
COMMENT ON COLUMN ledger.alert.before IS 'newest value of the release before, in the indicator''s unit';
COMMENT ON COLUMN ledger.alert.after IS 'newest value of this release, in the indicator''s unit';
COMMENT ON COLUMN ledger.alert.rule IS 'the rule of the indicator''s header that was crossed';
COMMENT ON COLUMN ledger.alert.message IS 'what the alert says';

CREATE TABLE IF NOT EXISTS ledger.change (
    release      VARCHAR,
    kind         VARCHAR,
    subject      VARCHAR,
    "key"        VARCHAR,
    field        VARCHAR,
    value_before VARCHAR,
    value_after  VARCHAR,
    "rows"       BIGINT
);
COMMENT ON TABLE ledger.change IS 'what each release changed besides values: rows, verdicts and states of sources';
COMMENT ON COLUMN ledger.change.release IS 'id of the release that changed it';
COMMENT ON COLUMN ledger.change.kind IS
    '''value'' (of an indicator), ''rows'' (of a dataset), ''verdict'' (of a claim) or ''state'' (of a source)';
COMMENT ON COLUMN ledger.change.subject IS
    'the indicator, dataset, claim or source that changed; an empty text for rows that could not be read';
COMMENT ON COLUMN ledger.change.key IS
    'which of it: series, statistic and period of a value, the source of rows; else an empty text';
COMMENT ON COLUMN ledger.change.field IS
    'what of a value changed (usa, chn, gap, low, high or leader), or what became of rows: ''new'', ''revised'', '
    '''withdrawn'' or ''quarantined''; else an empty text';
COMMENT ON COLUMN ledger.change.value_before IS 'what it was, as text; null: there was none, or these are rows';
COMMENT ON COLUMN ledger.change.value_after IS 'what it is, as text; null: it is withdrawn, or these are rows';
COMMENT ON COLUMN ledger.change.rows IS 'how many rows; null where it is no rows';

CREATE TABLE IF NOT EXISTS ledger.source (
    source        VARCHAR,
    title         VARCHAR,
    publisher     VARCHAR,
    homepage      VARCHAR,
    licence       VARCHAR,
    redistribute  BOOLEAN,
    citation      VARCHAR,
    url           VARCHAR,
    statement     VARCHAR,
    met_live      BOOLEAN,
    note          VARCHAR,
    state         VARCHAR,
    stale         BOOLEAN,
    reason        VARCHAR,
    newest_period DATE,
    known_from    TIMESTAMP
);
COMMENT ON TABLE ledger.source IS 'one line per source, with its state at the release';
COMMENT ON COLUMN ledger.source.source IS 'id of the source';
COMMENT ON COLUMN ledger.source.title IS 'what it is';
COMMENT ON COLUMN ledger.source.publisher IS 'who publishes it';
COMMENT ON COLUMN ledger.source.homepage IS 'page about it';
COMMENT ON COLUMN ledger.source.licence IS 'licence of the data';
COMMENT ON COLUMN ledger.source.redistribute IS 'whether the licence lets us pass the data on';
COMMENT ON COLUMN ledger.source.citation IS 'how to cite it';
COMMENT ON COLUMN ledger.source.url IS
    'address that is fetched, or how addresses are found; null: takes old documents only';
COMMENT ON COLUMN ledger.source.statement IS
    '''full'': a newer document withdraws what it lacks; ''window'': it does not';
COMMENT ON COLUMN ledger.source.met_live IS 'whether its parser has met the live address';
COMMENT ON COLUMN ledger.source.note IS 'what to know about it';
COMMENT ON COLUMN ledger.source.state IS
    '''fresh'', ''late'', ''frozen'', ''unreachable'', ''blocked'', ''rejected'', ''failing'', ''never'', '
    '''archive'' or ''reviewed''';
COMMENT ON COLUMN ledger.source.stale IS 'whether what is shown of it may be out of date';
COMMENT ON COLUMN ledger.source.reason IS 'why it is in that state';
COMMENT ON COLUMN ledger.source.newest_period IS 'newest period its accepted documents state';
COMMENT ON COLUMN ledger.source.known_from IS 'when its newest accepted document was known, UTC';

CREATE TABLE IF NOT EXISTS ledger.document (
    document      VARCHAR,
    source        VARCHAR,
    part          VARCHAR,
    known_from    TIMESTAMP,
    "precision"   VARCHAR,
    origin        VARCHAR,
    url           VARCHAR,
    received_at   TIMESTAMP,
    bytes         BIGINT,
    media         VARCHAR,
    status        VARCHAR,
    reason        VARCHAR,
    "full"        BOOLEAN,
    "rows"        BIGINT,
    ignored       BIGINT,
    quarantined   BIGINT,
    newest_period DATE
);
COMMENT ON TABLE ledger.document IS 'each time a source said something else than before: one vintage';
COMMENT ON COLUMN ledger.document.document IS 'SHA-256 of the archived bytes';
COMMENT ON COLUMN ledger.document.source IS 'id of the source';
COMMENT ON COLUMN ledger.document.part IS
    'the edition: which of the source''s documents it is; an empty text where it has but one';
COMMENT ON COLUMN ledger.document.known_from IS
    'when the source said so, UTC: fetch time, or publication date of a document added later';
COMMENT ON COLUMN ledger.document."precision" IS
    'precision of known_from: ''second'', or ''day'' for one added later of which only the day is known';
COMMENT ON COLUMN ledger.document.origin IS
    '''fetched'', ''backfilled'', ''reviewed'' (a table of ours) or ''sample''';
COMMENT ON COLUMN ledger.document.url IS 'address it came from';
COMMENT ON COLUMN ledger.document.received_at IS 'when we received it, UTC';
COMMENT ON COLUMN ledger.document.bytes IS 'size';
COMMENT ON COLUMN ledger.document.media IS 'media type the server gave';
COMMENT ON COLUMN ledger.document.status IS
    '''accepted'', ''drift'' (its layout changed: the parser refused it), ''failed'' (a check did) or '
    '''replaced'' (it was refused, and another was added in its place)';
COMMENT ON COLUMN ledger.document.reason IS
    'why it was not accepted, or which checks a person let it past, and why';
COMMENT ON COLUMN ledger.document."full" IS 'whether keys it lacks were withdrawn';
COMMENT ON COLUMN ledger.document."rows" IS 'rows staged';
COMMENT ON COLUMN ledger.document.ignored IS 'rows left out by name';
COMMENT ON COLUMN ledger.document.quarantined IS 'rows that could not be read';
COMMENT ON COLUMN ledger.document.newest_period IS 'newest period it states';

CREATE TABLE IF NOT EXISTS ledger.fetch (
    "at"          TIMESTAMP,
    source        VARCHAR,
    part          VARCHAR,
    url           VARCHAR,
    attempt       BIGINT,
    outcome       VARCHAR,
    status        BIGINT,
    media         VARCHAR,
    bytes         BIGINT,
    document      VARCHAR,
    etag          VARCHAR,
    last_modified VARCHAR,
    seconds       DOUBLE,
    message       VARCHAR
);
COMMENT ON TABLE ledger.fetch IS 'every attempt to reach a source, up to the release';
COMMENT ON COLUMN ledger.fetch."at" IS 'when the attempt ended, UTC';
COMMENT ON COLUMN ledger.fetch.source IS 'id of the source';
COMMENT ON COLUMN ledger.fetch.part IS
    'the edition: which of the source''s documents was asked for; an empty text where it has but one';
COMMENT ON COLUMN ledger.fetch.url IS 'address, without the key';
COMMENT ON COLUMN ledger.fetch.attempt IS '1 for the first try of a run';
COMMENT ON COLUMN ledger.fetch.outcome IS
    '''new'', ''unchanged'', ''not_due'', ''blocked'', ''unreachable'' or ''rejected''';
COMMENT ON COLUMN ledger.fetch.status IS 'HTTP status, if there was an answer';
COMMENT ON COLUMN ledger.fetch.media IS 'media type the server gave';
COMMENT ON COLUMN ledger.fetch.bytes IS 'size of the body';
COMMENT ON COLUMN ledger.fetch.document IS 'SHA-256 of the archived body';
COMMENT ON COLUMN ledger.fetch.etag IS 'validator the server gave';
COMMENT ON COLUMN ledger.fetch.last_modified IS 'date the server gave';
COMMENT ON COLUMN ledger.fetch.seconds IS 'how long the attempt took, seconds';
COMMENT ON COLUMN ledger.fetch.message IS 'what went wrong';

CREATE TABLE IF NOT EXISTS ledger.check_result (
    target        VARCHAR,
    source        VARCHAR,
    document      VARCHAR,
    known_from    TIMESTAMP,
    name          VARCHAR,
    expectation   VARCHAR,
    severity      VARCHAR,
    status        VARCHAR,
    observed      VARCHAR,
    message       VARCHAR
);
COMMENT ON TABLE ledger.check_result IS 'every check of documents and indicators, newest run';
COMMENT ON COLUMN ledger.check_result.target IS 'the dataset or indicator checked';
COMMENT ON COLUMN ledger.check_result.source IS 'source whose document was checked; null for an indicator';
COMMENT ON COLUMN ledger.check_result.document IS 'SHA-256 of the document checked; null for an indicator';
COMMENT ON COLUMN ledger.check_result.known_from IS 'when that document was known, UTC';
COMMENT ON COLUMN ledger.check_result.name IS 'name of the check';
COMMENT ON COLUMN ledger.check_result.expectation IS 'Great Expectations type of the check';
COMMENT ON COLUMN ledger.check_result.severity IS
    '''error'' keeps the document (or the release) back, ''warn'' only says so';
COMMENT ON COLUMN ledger.check_result.status IS
    '''pass'', ''fail'' (the data is bad), ''broken'' (the check itself could not run), ''skipped'' '
    '(there was nothing to test) or ''accepted'' (a person let the document past it: the message says why)';
COMMENT ON COLUMN ledger.check_result.observed IS 'what was found';
COMMENT ON COLUMN ledger.check_result.message IS 'the check in words, with examples of what failed';

CREATE TABLE IF NOT EXISTS ledger.quarantine (
    source        VARCHAR,
    document      VARCHAR,
    known_from    TIMESTAMP,
    dataset       VARCHAR,
    locator       VARCHAR,
    reason        VARCHAR,
    raw           VARCHAR
);
COMMENT ON TABLE ledger.quarantine IS 'rows of documents that could not be read, as received';
COMMENT ON COLUMN ledger.quarantine.source IS 'id of the source';
COMMENT ON COLUMN ledger.quarantine.document IS 'SHA-256 of the document';
COMMENT ON COLUMN ledger.quarantine.known_from IS 'when that document was known, UTC';
COMMENT ON COLUMN ledger.quarantine.dataset IS 'dataset the row was meant for';
COMMENT ON COLUMN ledger.quarantine.locator IS 'place in the document';
COMMENT ON COLUMN ledger.quarantine.reason IS 'why it could not be read';
COMMENT ON COLUMN ledger.quarantine.raw IS 'the row as text';

CREATE TABLE IF NOT EXISTS ledger.layout_difference (
    source        VARCHAR,
    document      VARCHAR,
    known_from    TIMESTAMP,
    place         VARCHAR,
    change        VARCHAR,
    field         VARCHAR,
    note          VARCHAR
);
COMMENT ON TABLE ledger.layout_difference IS
    'how documents differ from the layout that their parser knows, one line per field';
COMMENT ON COLUMN ledger.layout_difference.source IS 'id of the source';
COMMENT ON COLUMN ledger.layout_difference.document IS 'SHA-256 of the document';
COMMENT ON COLUMN ledger.layout_difference.known_from IS 'when that document was known, UTC';
COMMENT ON COLUMN ledger.layout_difference.place IS
    'where in the document, such as ''header'' or ''$.results[*]''';
COMMENT ON COLUMN ledger.layout_difference.change IS
    '''added'' or ''gone'', of what the parser does not use; ''missing'', ''twice'' or ''kind'', of what it '
    'does: then the document is refused';
COMMENT ON COLUMN ledger.layout_difference.field IS 'name of the column or field';
COMMENT ON COLUMN ledger.layout_difference.note IS 'the likest new name, or the kind that was found';

CREATE TABLE IF NOT EXISTS ledger.indicator (
    indicator     VARCHAR,
    title         VARCHAR,
    question      VARCHAR,
    unit          VARCHAR,
    formula       VARCHAR,
    "method"      VARCHAR,
    bounds        VARCHAR,
    alert         VARCHAR,
    events        VARCHAR,
    sources       VARCHAR[],
    state         VARCHAR,
    reason        VARCHAR
);
COMMENT ON TABLE ledger.indicator IS 'what each indicator means';
COMMENT ON COLUMN ledger.indicator.indicator IS 'id of the indicator';
COMMENT ON COLUMN ledger.indicator.title IS 'what it is';
COMMENT ON COLUMN ledger.indicator.question IS 'the question it answers';
COMMENT ON COLUMN ledger.indicator.unit IS 'unit of gap, low and high';
COMMENT ON COLUMN ledger.indicator.formula IS 'how gap is computed';
COMMENT ON COLUMN ledger.indicator."method" IS 'definition and choices';
COMMENT ON COLUMN ledger.indicator.bounds IS 'what low and high mean';
COMMENT ON COLUMN ledger.indicator.alert IS 'rule for alerts, JSON';
COMMENT ON COLUMN ledger.indicator.events IS 'topic of the policy events that annotate it; null: none';
COMMENT ON COLUMN ledger.indicator.sources IS 'sources it may rest on';
COMMENT ON COLUMN ledger.indicator.state IS
    '''fresh'', ''stale'' (a source of its newest value is) or ''empty''';
COMMENT ON COLUMN ledger.indicator.reason IS 'why it is stale or empty';

CREATE TABLE IF NOT EXISTS derived.indicator_value (
    indicator     VARCHAR,
    series        VARCHAR,
    period        DATE,
    usa           DOUBLE,
    chn           DOUBLE,
    gap           DOUBLE,
    low           DOUBLE,
    high          DOUBLE,
    leader        VARCHAR,
    unit          VARCHAR,
    coverage      DOUBLE,
    "break"       VARCHAR,
    input_list    UUID,
    known_from    TIMESTAMP,
    known_to      TIMESTAMP
);
COMMENT ON TABLE derived.indicator_value IS
    'every value of every indicator, with the time from which the sources said so';
COMMENT ON COLUMN derived.indicator_value.indicator IS 'id of the indicator';
COMMENT ON COLUMN derived.indicator_value.series IS
    'which of the indicator''s series; an empty text is the only or the main one';
COMMENT ON COLUMN derived.indicator_value.period IS 'first day of the period; for daily series the day';
COMMENT ON COLUMN derived.indicator_value.usa IS
    'the side of the United States, unit in the indicator''s method';
COMMENT ON COLUMN derived.indicator_value.chn IS
    'the side of China (mainland; Hong Kong is apart), same unit';
COMMENT ON COLUMN derived.indicator_value.gap IS 'what is tracked; its formula is in the view indicator';
COMMENT ON COLUMN derived.indicator_value.low IS 'lower bound of gap, same unit; null: no bound is known';
COMMENT ON COLUMN derived.indicator_value.high IS 'upper bound of gap, same unit; null: no bound is known';
COMMENT ON COLUMN derived.indicator_value.leader IS '''USA'', ''CHN'' or ''tie''';
COMMENT ON COLUMN derived.indicator_value.unit IS 'unit of gap, low and high';
COMMENT ON COLUMN derived.indicator_value.coverage IS
    'share of the inputs that could be attributed to a country, 0 to 1';
COMMENT ON COLUMN derived.indicator_value."break" IS
    'why the period is not comparable with the one before; null: it is';
COMMENT ON COLUMN derived.indicator_value.input_list IS
    'the list of the rows it came from, in derived.input_list';
COMMENT ON COLUMN derived.indicator_value.known_from IS 'from when on this was what the sources said, UTC';
COMMENT ON COLUMN derived.indicator_value.known_to IS 'until when; null: still';

CREATE TABLE IF NOT EXISTS derived.input_list (
    input_list    UUID,
    inputs        {inputs}
);
COMMENT ON TABLE derived.input_list IS
    'lists of the rows that values came from, each once: most days of a series share theirs';
COMMENT ON COLUMN derived.input_list.input_list IS 'MD5 of the list';
COMMENT ON COLUMN derived.input_list.inputs IS 'the rows: side, dataset, source, document, locator, value';

CREATE TABLE IF NOT EXISTS derived.indicator_headline (
    indicator     VARCHAR,
    series        VARCHAR,
    statistic     VARCHAR,
    period        DATE,
    "value"       DOUBLE,
    low           DOUBLE,
    high          DOUBLE,
    unit          VARCHAR,
    known_from    TIMESTAMP,
    known_to      TIMESTAMP
);
COMMENT ON TABLE derived.indicator_headline IS
    'statistics over an indicator''s series, with the time from which the sources said so';
COMMENT ON COLUMN derived.indicator_headline.indicator IS 'id of the indicator';
COMMENT ON COLUMN derived.indicator_headline.series IS
    'which of the indicator''s series; an empty text is the only or the main one';
COMMENT ON COLUMN derived.indicator_headline.statistic IS
    '''mean'', ''min'', ''max'' or ''current'' over the series';
COMMENT ON COLUMN derived.indicator_headline.period IS 'last day of the series';
COMMENT ON COLUMN derived.indicator_headline."value" IS 'the statistic, in the unit of the indicator';
COMMENT ON COLUMN derived.indicator_headline.low IS
    'lower bound of the statistic, same unit; null: no bound is known';
COMMENT ON COLUMN derived.indicator_headline.high IS
    'upper bound of the statistic, same unit; null: no bound is known';
COMMENT ON COLUMN derived.indicator_headline.unit IS 'unit of value, low and high';
COMMENT ON COLUMN derived.indicator_headline.known_from IS 'from when on this was what the sources said, UTC';
COMMENT ON COLUMN derived.indicator_headline.known_to IS 'until when; null: still';

CREATE TABLE IF NOT EXISTS derived.claim (
    claim         VARCHAR,
    claim_text    VARCHAR,
    said_by       VARCHAR,
    said_on       DATE,
    verdict       VARCHAR,
    query         VARCHAR,
    known_from    TIMESTAMP,
    known_to      TIMESTAMP
);
COMMENT ON TABLE derived.claim IS
    'published statements and whether they held, with the time from which the sources said so';
COMMENT ON COLUMN derived.claim.claim IS 'id of the claim';
COMMENT ON COLUMN derived.claim.claim_text IS 'what was claimed';
COMMENT ON COLUMN derived.claim.said_by IS 'who said so';
COMMENT ON COLUMN derived.claim.said_on IS 'when';
COMMENT ON COLUMN derived.claim.verdict IS
    '''holds'', ''fails'', ''undetermined'' (the data cannot tell) or ''broken'' (its query does not run)';
COMMENT ON COLUMN derived.claim.query IS 'the query that tests it';
COMMENT ON COLUMN derived.claim.known_from IS 'from when on this was the verdict, UTC';
COMMENT ON COLUMN derived.claim.known_to IS 'until when; null: still';

CREATE TABLE IF NOT EXISTS reference.organisation (
    organisation  VARCHAR,
    country       VARCHAR,
    headquarters  VARCHAR,
    valid_from    DATE,
    valid_to      DATE,
    note          VARCHAR,
    reviewed_on   DATE
);
COMMENT ON TABLE reference.organisation IS
    'organisations and the country each is led from, as reviewed by people';
COMMENT ON COLUMN reference.organisation.organisation IS 'name of the organisation';
COMMENT ON COLUMN reference.organisation.country IS
    'country of its headquarters, ISO 3166-1 alpha-3; Hong Kong (HKG), Macao (MAC) and Taiwan (TWN) apart; '
    'null: none can be said, see note';
COMMENT ON COLUMN reference.organisation.headquarters IS 'place of its headquarters';
COMMENT ON COLUMN reference.organisation.valid_from IS 'first day on which this held; null: always';
COMMENT ON COLUMN reference.organisation.valid_to IS
    'first day on which it held no more; null: it still does';
COMMENT ON COLUMN reference.organisation.note IS 'why it was decided so';
COMMENT ON COLUMN reference.organisation.reviewed_on IS 'when a person last looked at it';

CREATE TABLE IF NOT EXISTS reference.organisation_alias (
    alias         VARCHAR,
    organisation  VARCHAR
);
COMMENT ON TABLE reference.organisation_alias IS
    'names under which sources print an organisation; only exact names count';
COMMENT ON COLUMN reference.organisation_alias.alias IS 'name as printed';
COMMENT ON COLUMN reference.organisation_alias.organisation IS 'organisation that is meant';

CREATE TABLE IF NOT EXISTS reference.institution (
    institution   VARCHAR,
    location      VARCHAR,
    headquarters  VARCHAR,
    kind          VARCHAR,
    ror           VARCHAR,
    note          VARCHAR,
    reviewed_on   DATE
);
COMMENT ON TABLE reference.institution IS
    'institutions of affiliations as reviewed by people: laboratories, multinationals, campuses, '
    'abbreviations';
COMMENT ON COLUMN reference.institution.institution IS 'name of the institution';
COMMENT ON COLUMN reference.institution.location IS
    'country where the named unit is, ISO 3166-1 alpha-2; Hong Kong (HK), Macao (MO) and Taiwan (TW) apart; '
    'null: the name alone does not say';
COMMENT ON COLUMN reference.institution.headquarters IS
    'country in which its ultimate owner has its headquarters, ISO 3166-1 alpha-2';
COMMENT ON COLUMN reference.institution.kind IS
    '''company'', ''laboratory'', ''education'', ''government'', ''nonprofit'', ''healthcare'' or '
    '''facility''';
COMMENT ON COLUMN reference.institution.ror IS 'id in the registry, such as ''https://ror.org/00f54p054''';
COMMENT ON COLUMN reference.institution.note IS 'why it was decided so';
COMMENT ON COLUMN reference.institution.reviewed_on IS 'when a person last looked at it';

CREATE TABLE IF NOT EXISTS reference.institution_alias (
    alias         VARCHAR,
    institution   VARCHAR
);
COMMENT ON TABLE reference.institution_alias IS
    'names under which papers print an institution; case, accents and punctuation do not count';
COMMENT ON COLUMN reference.institution_alias.alias IS 'name as printed';
COMMENT ON COLUMN reference.institution_alias.institution IS 'institution that is meant';

CREATE TABLE IF NOT EXISTS reference.series_break (
    indicator     VARCHAR,
    series        VARCHAR,
    period        DATE,
    side          VARCHAR,
    kind          VARCHAR,
    detail        VARCHAR,
    url           VARCHAR
);
COMMENT ON TABLE reference.series_break IS 'breaks in an indicator''s series that people know of';
COMMENT ON COLUMN reference.series_break.indicator IS 'id of the indicator';
COMMENT ON COLUMN reference.series_break.series IS
    'which of its series; an empty text is the only or the main one';
COMMENT ON COLUMN reference.series_break.period IS 'first period that is not comparable with the one before';
COMMENT ON COLUMN reference.series_break.side IS '''USA'' or ''CHN''; null: both';
COMMENT ON COLUMN reference.series_break.kind IS '''non-reporting'', ''definition'' or ''restatement''';
COMMENT ON COLUMN reference.series_break.detail IS 'what changed';
COMMENT ON COLUMN reference.series_break.url IS 'page that says so';
