CREATE TABLE policy_event (
    source       VARCHAR,
    event        VARCHAR,
    topic        VARCHAR NOT NULL,
    event_on     DATE NOT NULL,
    effective_on DATE,
    title        VARCHAR NOT NULL,
    summary      VARCHAR,
    kind         VARCHAR NOT NULL,
    action       VARCHAR,
    direction    VARCHAR,
    affects      VARCHAR,
    citation     VARCHAR,
    docket       VARCHAR,
    url          VARCHAR NOT NULL,
    note         VARCHAR,
    PRIMARY KEY (source, event)
);
COMMENT ON TABLE policy_event IS
    'rules, announcements and orders that bear on who may have which AI chips, one line per event and source';
COMMENT ON COLUMN policy_event.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN policy_event.event IS
    'document number in the Federal Register where it is a rule, else an id of our own';
COMMENT ON COLUMN policy_event.topic IS
    'what it is about, by its own words: ''export controls'', ''import measures'' or ''corrections'' of other '
    'rules; an indicator names the topic whose events annotate it';
COMMENT ON COLUMN policy_event.event_on IS
    'day of the event: of publication in the Federal Register, or, if reviewed, the day the public dates it '
    'by';
COMMENT ON COLUMN policy_event.effective_on IS
    'day from which it applies, the first of several stages; null: none is stated';
COMMENT ON COLUMN policy_event.title IS 'title as printed, or, if reviewed, in plain words';
COMMENT ON COLUMN policy_event.summary IS 'what it does: abstract as printed, or, if reviewed, one sentence';
COMMENT ON COLUMN policy_event.kind IS
    '''rule'', ''announcement'' or ''order'' (addressed to single companies, not published as a rule)';
COMMENT ON COLUMN policy_event.action IS
    'what the document says it is, as printed, such as ''Interim final rule''';
COMMENT ON COLUMN policy_event.direction IS
    '''tightens'', ''loosens'', ''clarifies'' or ''suspends''; null: not reviewed';
COMMENT ON COLUMN policy_event.affects IS 'what it controls, such as ''advanced chips''; null: not reviewed';
COMMENT ON COLUMN policy_event.citation IS
    'volume and first page in the Federal Register, such as ''87 FR 62186''';
COMMENT ON COLUMN policy_event.docket IS 'docket numbers as printed, joined by ''; ''';
COMMENT ON COLUMN policy_event.url IS 'page that says it';
COMMENT ON COLUMN policy_event.note IS 'what to know about the entry';
