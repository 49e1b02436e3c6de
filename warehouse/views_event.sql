-- event: each event of policy once. A reviewed event that is a rule is called by its document number in the Federal Register,
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
