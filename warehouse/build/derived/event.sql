/* warehouse/build/derived/event.sql
inputs: [policy_event] */
-- Each event of policy once. A reviewed event that is a rule is called by its document number in the Federal Register,
-- so the two meet by it: date, title and meaning are the reviewed ones, what is printed comes from the Federal Register.
CREATE VIEW main.event AS
    WITH reviewed AS (FROM main.policy_event WHERE source = 'policy_events'),
        printed AS (FROM main.policy_event WHERE source = 'federal_register_rules')
    SELECT coalesce(reviewed.event, printed.event) AS event,
        coalesce(reviewed.topic, printed.topic) AS topic,
        coalesce(reviewed.event_on, printed.event_on) AS event_on,
        printed.event_on AS printed_on,
        coalesce(printed.effective_on, reviewed.effective_on) AS effective_on,
        coalesce(reviewed.title, printed.title) AS title,
        printed.title AS printed_title,
        coalesce(reviewed.summary, printed.summary) AS summary,
        coalesce(reviewed.kind, printed.kind) AS kind,
        reviewed.direction,
        reviewed.affects,
        coalesce(printed.citation, reviewed.citation) AS citation,
        coalesce(printed.url, reviewed.url) AS url,
        reviewed.event IS NOT NULL AS reviewed
    FROM reviewed FULL JOIN printed ON reviewed.event = printed.event;
COMMENT ON VIEW main.event IS
    'Events of policy, each once: reviewed dates and meanings with what the Federal Register prints, as of '
    'the variable as_of';
COMMENT ON COLUMN main.event.topic IS
    'what it is about; an indicator names the topic whose events annotate it';
COMMENT ON COLUMN main.event.event_on IS 'day of the event: the reviewed one, else of publication';
COMMENT ON COLUMN main.event.printed_on IS
    'day of publication in the Federal Register; null: not found there';
COMMENT ON COLUMN main.event.effective_on IS 'day from which it applies, the first of several stages';
COMMENT ON COLUMN main.event.title IS 'title in plain words if reviewed, else as printed';
COMMENT ON COLUMN main.event.printed_title IS 'title as the Federal Register prints it';
COMMENT ON COLUMN main.event.summary IS
    'what it does: one sentence if reviewed, else the abstract as printed';
COMMENT ON COLUMN main.event.kind IS '''rule'', ''announcement'' or ''order''';
COMMENT ON COLUMN main.event.affects IS 'what it controls; null: not reviewed';
COMMENT ON COLUMN main.event.citation IS 'volume and first page in the Federal Register';
COMMENT ON COLUMN main.event.reviewed IS 'whether people reviewed it';
