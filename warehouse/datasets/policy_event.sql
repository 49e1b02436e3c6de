-- policy_event: rules, announcements and orders that bear on who may have which AI chips, one line per event and source
CREATE TABLE policy_event (
    source       VARCHAR,          -- id of the source that states it (see the view source)
    event        VARCHAR,          -- document number in the Federal Register where it is a rule, else an id of our own
    topic        VARCHAR NOT NULL, -- what it is about: 'export controls'; an indicator names the topic whose events annotate it
    event_on     DATE NOT NULL,    -- day of the event: of publication in the Federal Register, or, if reviewed, the day the public dates it by
    effective_on DATE,             -- day from which it applies, the first of several stages; null: none is stated
    title        VARCHAR NOT NULL, -- title as printed, or, if reviewed, in plain words
    summary      VARCHAR,          -- what it does: abstract as printed, or, if reviewed, one sentence
    kind         VARCHAR NOT NULL, -- 'rule', 'announcement' or 'order' (addressed to single companies, not published as a rule)
    action       VARCHAR,          -- what the document says it is, as printed, such as 'Interim final rule'
    direction    VARCHAR,          -- 'tightens', 'loosens', 'clarifies' or 'suspends'; null: not reviewed
    affects      VARCHAR,          -- what it controls, such as 'advanced chips'; null: not reviewed
    citation     VARCHAR,          -- volume and first page in the Federal Register, such as '87 FR 62186'
    docket       VARCHAR,          -- docket numbers as printed, joined by '; '
    url          VARCHAR NOT NULL, -- page that says it
    note         VARCHAR,          -- what to know about the entry
    PRIMARY KEY (source, event)
);
