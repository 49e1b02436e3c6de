/* warehouse/build/derived/talent_slot.sql
inputs: [author_slot, affiliation] */
-- Which rows there are travels in time; the countries do not.
CREATE VIEW main.talent_slot AS
    SELECT slot.conference, slot.edition, slot.source, slot.paper, slot.title, slot.track, slot.position, slot.authors, slot.author,
        slot.affiliation, slot.domain, a.country_location, a.country_hq, a.institution, a.ror, coalesce(a.tier, 'unresolved') AS tier,
        a.score, a.matched, slot.document, slot.locator
    FROM main.author_slot AS slot
    LEFT JOIN derived.affiliation AS a
        ON a.part = 1 AND a.affiliation IS NOT DISTINCT FROM slot.affiliation AND a.domain IS NOT DISTINCT FROM slot.domain;
COMMENT ON VIEW main.talent_slot IS
    'Authors of accepted papers with the country of their first-listed affiliation, as of the variable as_of';
COMMENT ON COLUMN main.talent_slot.conference IS 'the conference: ''NeurIPS''';
COMMENT ON COLUMN main.talent_slot.edition IS 'edition of the conference: first day of its year';
COMMENT ON COLUMN main.talent_slot.source IS 'source that lists the paper';
COMMENT ON COLUMN main.talent_slot.paper IS 'key of the paper within an edition, the same in every source';
COMMENT ON COLUMN main.talent_slot.title IS 'title of the paper';
COMMENT ON COLUMN main.talent_slot.track IS 'track of the conference; null: the source does not say';
COMMENT ON COLUMN main.talent_slot.position IS 'place of the author among the paper''s authors, from 1';
COMMENT ON COLUMN main.talent_slot.author IS
    'key of the author within the edition, made with a secret of this installation';
COMMENT ON COLUMN main.talent_slot.affiliation IS 'the affiliation as printed';
COMMENT ON COLUMN main.talent_slot.domain IS 'web or e-mail domain that the source gives beside it';
