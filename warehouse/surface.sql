-- surface: the tables of ledger and derived, and the views of main that analysts open.
-- Dataset views and their history tables are made from datasets/*.sql.
-- A comment after a column is its COMMENT in the published file.

CREATE TABLE ledger.release (         -- each version of the published file
    release      VARCHAR,             -- id of the release
    released_at  TIMESTAMP,           -- when it was published, UTC
    code         VARCHAR,             -- version of gapwatch that built it
    signature    VARCHAR,             -- SHA-256 over the documents, code and states it was built from
    documents    BIGINT,              -- number of vintages known to it
    newest       VARCHAR,             -- newest value of every series, JSON: indicator or indicator/series -> {period, gap, leader}
    claims       VARCHAR,             -- verdict on every claim, JSON: claim -> verdict
    "lines"      BIGINT,              -- lines of the document ledger known to it; null: released before this was recorded
    archive      VARCHAR,             -- SHA-256 over these lines, the archive head
    "method"     VARCHAR              -- SHA-256 of the list of what decided its values besides documents, in ledger/method of the data directory
);

CREATE TABLE ledger.said (            -- every value that releases said, with the time during which it was the one they said
    indicator    VARCHAR,             -- id of the indicator
    series       VARCHAR,             -- which of the indicator's series; an empty text is the only or the main one
    statistic    VARCHAR,             -- an empty text for a value of the series, else the name of a headline number over it
    period       DATE,                -- first day of the period; null for a headline number
    usa          DOUBLE,              -- the side of the United States as released, unit in the indicator's method
    chn          DOUBLE,              -- the side of China as released, same unit
    gap          DOUBLE,              -- what is tracked, as released; of a headline number its value
    low          DOUBLE,              -- lower bound as released; null: none
    high         DOUBLE,              -- upper bound as released; null: none
    leader       VARCHAR,             -- 'USA', 'CHN' or 'tie', as released
    unit         VARCHAR,             -- unit of gap, low and high
    said_from    TIMESTAMP,           -- when the release was published that first said so, UTC
    said_to      TIMESTAMP,           -- when one was published that said something else or nothing, UTC; null: still said
    release      VARCHAR              -- id of the release that first said so
);

CREATE TABLE ledger.alert (           -- moves of an indicator that its rule calls worth a person's attention
    alert        VARCHAR,             -- id: release and indicator and kind
    release      VARCHAR,             -- the release that moved
    released_at  TIMESTAMP,           -- when that release was published, UTC
    indicator    VARCHAR,             -- the indicator that moved; null for a claim
    series       VARCHAR,             -- which of its series; an empty text is the only or the main one
    claim        VARCHAR,             -- the claim whose verdict changed; null for an indicator
    kind         VARCHAR,             -- 'leader' (the side ahead changed), 'change' (the newest value moved by more than its rule allows), 'claim' (a verdict changed) or 'words' (a published figure's words are gone from its page)
    period       DATE,                -- period of the newest value, first day
    before       DOUBLE,              -- newest value of the release before, in the indicator's unit
    after        DOUBLE,              -- newest value of this release, in the indicator's unit
    rule         VARCHAR,             -- the rule of the indicator's header that was crossed
    message      VARCHAR              -- what the alert says
);

CREATE TABLE ledger.source (          -- one line per source, with its state at the release
    source        VARCHAR,            -- id of the source
    title         VARCHAR,            -- what it is
    publisher     VARCHAR,            -- who publishes it
    homepage      VARCHAR,            -- page about it
    licence       VARCHAR,            -- licence of the data
    redistribute  BOOLEAN,            -- whether the licence lets us pass the data on
    citation      VARCHAR,            -- how to cite it
    url           VARCHAR,            -- address that is fetched, or how addresses are found; null: takes old documents only
    statement     VARCHAR,            -- 'full': a newer document withdraws what it lacks; 'window': it does not
    met_live      BOOLEAN,            -- whether its parser has met the live address
    note          VARCHAR,            -- what to know about it
    state         VARCHAR,            -- 'fresh', 'late', 'frozen', 'unreachable', 'blocked', 'rejected', 'failing', 'never', 'archive' or 'reviewed'
    stale         BOOLEAN,            -- whether what is shown of it may be out of date
    reason        VARCHAR,            -- why it is in that state
    newest_period DATE,               -- newest period its accepted documents state
    known_from    TIMESTAMP           -- when its newest accepted document was known, UTC
);

CREATE TABLE ledger.document (        -- each time a source said something else than before: one vintage
    document      VARCHAR,            -- SHA-256 of the archived bytes
    source        VARCHAR,            -- id of the source
    part          VARCHAR,            -- which of the source's documents it is; an empty text where it has but one
    known_from    TIMESTAMP,          -- when the source said so, UTC: fetch time, or publication date of a document added later
    "precision"   VARCHAR,            -- precision of known_from: 'second', or 'day' for one added later of which only the day is known
    origin        VARCHAR,            -- 'fetched', 'backfilled', 'reviewed' (a table of ours) or 'sample'
    url           VARCHAR,            -- address it came from
    received_at   TIMESTAMP,          -- when we received it, UTC
    bytes         BIGINT,             -- size
    media         VARCHAR,            -- media type the server gave
    status        VARCHAR,            -- 'accepted', 'drift' (the parser refused it) or 'failed' (a check did)
    reason        VARCHAR,            -- why it was not accepted
    "full"        BOOLEAN,            -- whether keys it lacks were withdrawn
    "rows"        BIGINT,             -- rows staged
    ignored       BIGINT,             -- rows left out by name
    quarantined   BIGINT,             -- rows that could not be read
    newest_period DATE                -- newest period it states
);

CREATE TABLE ledger.fetch (           -- every attempt to reach a source, up to the release
    "at"          TIMESTAMP,          -- when the attempt ended, UTC
    source        VARCHAR,            -- id of the source
    part          VARCHAR,            -- which of the source's documents was asked for; an empty text where it has but one
    url           VARCHAR,            -- address, without the key
    attempt       BIGINT,             -- 1 for the first try of a run
    outcome       VARCHAR,            -- 'new', 'unchanged', 'not_due', 'blocked', 'unreachable' or 'rejected'
    status        BIGINT,             -- HTTP status, if there was an answer
    media         VARCHAR,            -- media type the server gave
    bytes         BIGINT,             -- size of the body
    document      VARCHAR,            -- SHA-256 of the archived body
    etag          VARCHAR,            -- validator the server gave
    last_modified VARCHAR,            -- date the server gave
    seconds       DOUBLE,             -- how long the attempt took, seconds
    message       VARCHAR             -- what went wrong
);

CREATE TABLE ledger.check_result (    -- every check of documents and indicators, newest run
    target        VARCHAR,            -- the dataset or indicator checked
    source        VARCHAR,            -- source whose document was checked; null for an indicator
    document      VARCHAR,            -- SHA-256 of the document checked; null for an indicator
    known_from    TIMESTAMP,          -- when that document was known, UTC
    name          VARCHAR,            -- name of the check
    expectation   VARCHAR,            -- Great Expectations type of the check
    severity      VARCHAR,            -- 'error' keeps the document (or the release) back, 'warn' only says so
    status        VARCHAR,            -- 'pass', 'fail' (the data is bad), 'broken' (the check itself could not run) or 'skipped' (there was nothing to test)
    observed      VARCHAR,            -- what was found
    message       VARCHAR             -- the check in words, with examples of what failed
);

CREATE TABLE ledger.quarantine (      -- rows of documents that could not be read, as received
    source        VARCHAR,            -- id of the source
    document      VARCHAR,            -- SHA-256 of the document
    known_from    TIMESTAMP,          -- when that document was known, UTC
    dataset       VARCHAR,            -- dataset the row was meant for
    locator       VARCHAR,            -- place in the document
    reason        VARCHAR,            -- why it could not be read
    raw           VARCHAR             -- the row as text
);

CREATE TABLE ledger.indicator (       -- what each indicator means
    indicator     VARCHAR,            -- id of the indicator
    title         VARCHAR,            -- what it is
    question      VARCHAR,            -- the question it answers
    unit          VARCHAR,            -- unit of gap, low and high
    formula       VARCHAR,            -- how gap is computed
    "method"      VARCHAR,            -- definition and choices
    bounds        VARCHAR,            -- what low and high mean
    alert         VARCHAR,            -- rule for alerts, JSON
    events        VARCHAR,            -- topic of the policy events that annotate it; null: none
    sources       VARCHAR[],          -- sources it may rest on
    state         VARCHAR,            -- 'fresh', 'stale' (a source of its newest value is) or 'empty'
    reason        VARCHAR             -- why it is stale or empty
);

CREATE TABLE derived.indicator_value ( -- every value of every indicator, with the time from which the sources said so
    indicator     VARCHAR,            -- id of the indicator
    series        VARCHAR,            -- which of the indicator's series; an empty text is the only or the main one
    period        DATE,               -- first day of the period; for daily series the day
    usa           DOUBLE,             -- the side of the United States, unit in the indicator's method
    chn           DOUBLE,             -- the side of China (mainland; Hong Kong is apart), same unit
    gap           DOUBLE,             -- what is tracked; its formula is in the view indicator
    low           DOUBLE,             -- lower bound of gap, same unit; null: no bound is known
    high          DOUBLE,             -- upper bound of gap, same unit; null: no bound is known
    leader        VARCHAR,            -- 'USA', 'CHN' or 'tie'
    unit          VARCHAR,            -- unit of gap, low and high
    coverage      DOUBLE,             -- share of the inputs that could be attributed to a country, 0 to 1
    "break"       VARCHAR,            -- why the period is not comparable with the one before; null: it is
    input_list    UUID,               -- the list of the rows it came from, in derived.input_list
    known_from    TIMESTAMP,          -- from when on this was what the sources said, UTC
    known_to      TIMESTAMP           -- until when; null: still
);

CREATE TABLE derived.input_list (     -- lists of the rows that values came from, each once: most days of a series share theirs
    input_list    UUID,               -- MD5 of the list
    inputs        {inputs}            -- the rows: side, dataset, source, document, locator, value
);

CREATE TABLE derived.indicator_headline ( -- statistics over an indicator's series, with the time from which the sources said so
    indicator     VARCHAR,            -- id of the indicator
    series        VARCHAR,            -- which of the indicator's series; an empty text is the only or the main one
    statistic     VARCHAR,            -- 'mean', 'min', 'max' or 'current' over the series
    period        DATE,               -- last day of the series
    "value"       DOUBLE,             -- the statistic, in the unit of the indicator
    low           DOUBLE,             -- lower bound of the statistic, same unit; null: no bound is known
    high          DOUBLE,             -- upper bound of the statistic, same unit; null: no bound is known
    unit          VARCHAR,            -- unit of value, low and high
    known_from    TIMESTAMP,          -- from when on this was what the sources said, UTC
    known_to      TIMESTAMP           -- until when; null: still
);

CREATE TABLE derived.claim (          -- published statements and whether they held, with the time from which the sources said so
    claim         VARCHAR,            -- id of the claim
    claim_text    VARCHAR,            -- what was claimed
    said_by       VARCHAR,            -- who said so
    said_on       DATE,               -- when
    verdict       VARCHAR,            -- 'holds', 'fails', 'undetermined' (the data cannot tell) or 'broken' (its query does not run)
    query         VARCHAR,            -- the query that tests it
    known_from    TIMESTAMP,          -- from when on this was the verdict, UTC
    known_to      TIMESTAMP           -- until when; null: still
);

CREATE TABLE derived.affiliation (     -- every affiliation that a dataset prints, resolved to institutions and countries; one row per institution it names
    affiliation      VARCHAR,         -- the affiliation as printed
    domain           VARCHAR,         -- web or e-mail domain that the source gives beside it
    part             INTEGER,         -- number of the institution in the string, from 1; the first-listed one is primary
    parts            INTEGER,         -- number of institutions that the string names
    country_location VARCHAR,         -- country where the named unit is, ISO 3166-1 alpha-2; Hong Kong (HK), Macao (MO) and Taiwan (TW) apart; null: not resolved
    country_hq       VARCHAR,         -- country in which the institution's ultimate owner has its headquarters, ISO 3166-1 alpha-2
    institution      VARCHAR,         -- the reviewed institution, or the registry's record, that matched
    ror              VARCHAR,         -- its id in the registry of research organisations
    tier             VARCHAR,         -- which rule answered: 'reviewed', 'exact', 'place', 'part', 'domain', 'fuzzy' or 'unresolved'
    score            DOUBLE,          -- how sure the rule is, 0 to 100; of 'fuzzy', how alike the names are
    matched          VARCHAR          -- the text that matched
);

CREATE TABLE reference.organisation ( -- organisations and the country each is led from, as reviewed by people
    organisation  VARCHAR,            -- name of the organisation
    country       VARCHAR,            -- country of its headquarters, ISO 3166-1 alpha-3; Hong Kong (HKG), Macao (MAC) and Taiwan (TWN) apart; null: none can be said, see note
    headquarters  VARCHAR,            -- place of its headquarters
    valid_from    DATE,               -- first day on which this held; null: always
    valid_to      DATE,               -- first day on which it held no more; null: it still does
    note          VARCHAR,            -- why it was decided so
    reviewed_on   DATE                -- when a person last looked at it
);

CREATE TABLE reference.organisation_alias ( -- names under which sources print an organisation; only exact names count
    alias         VARCHAR,            -- name as printed
    organisation  VARCHAR             -- organisation that is meant
);

CREATE TABLE reference.institution (  -- institutions of affiliations as reviewed by people: laboratories, multinationals, campuses, abbreviations
    institution   VARCHAR,            -- name of the institution
    location      VARCHAR,            -- country where the named unit is, ISO 3166-1 alpha-2; Hong Kong (HK), Macao (MO) and Taiwan (TW) apart; null: the name alone does not say
    headquarters  VARCHAR,            -- country in which its ultimate owner has its headquarters, ISO 3166-1 alpha-2
    kind          VARCHAR,            -- 'company', 'laboratory', 'education', 'government', 'nonprofit', 'healthcare' or 'facility'
    ror           VARCHAR,            -- its record in the registry of research organisations; null: none
    note          VARCHAR,            -- why it was decided so
    reviewed_on   DATE                -- when a person last looked at it
);

CREATE TABLE reference.institution_alias ( -- names under which papers print an institution; case, accents and punctuation do not count
    alias         VARCHAR,            -- name as printed
    institution   VARCHAR             -- institution that is meant
);

CREATE TABLE reference.series_break ( -- breaks in an indicator's series that people know of
    indicator     VARCHAR,            -- id of the indicator
    series        VARCHAR,            -- which of its series; an empty text is the only or the main one
    period        DATE,               -- first period that is not comparable with the one before
    side          VARCHAR,            -- 'USA' or 'CHN'; null: both
    kind          VARCHAR,            -- 'non-reporting', 'definition' or 'restatement'
    detail        VARCHAR,            -- what changed
    url           VARCHAR             -- page that says so
);
