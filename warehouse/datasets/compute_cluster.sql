CREATE TABLE compute_cluster (
    source         VARCHAR,
    name           VARCHAR,
    which          VARCHAR,
    status         VARCHAR,
    certainty      VARCHAR,
    operational_on DATE,
    planned_on     DATE,
    country        VARCHAR,
    owner          VARCHAR,
    sector         VARCHAR,
    chip           VARCHAR,
    chips          DOUBLE,
    h100e          DOUBLE,
    ops_16bit      DOUBLE,
    power_mw       DOUBLE,
    standard       BOOLEAN,
    duplicate      BOOLEAN,
    PRIMARY KEY (source, name, which)
);
COMMENT ON TABLE compute_cluster IS 'a cluster of AI chips, existing or planned, as one vintage states it';
COMMENT ON COLUMN compute_cluster.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN compute_cluster.name IS
    'name of the cluster, as printed; all anonymised Chinese systems share one';
COMMENT ON COLUMN compute_cluster.which IS
    'tells clusters of one name apart: status, first day, country, sector and a number among those alike; '
    'else an empty text';
COMMENT ON COLUMN compute_cluster.status IS '''Existing'', ''Planned'' or ''Decommissioned''';
COMMENT ON COLUMN compute_cluster.certainty IS '''Confirmed'', ''Likely'' or ''Unlikely''';
COMMENT ON COLUMN compute_cluster.operational_on IS
    'first day of operation; null: not stated, or still planned';
COMMENT ON COLUMN compute_cluster.planned_on IS
    'first day of operation of a planned cluster; null: not stated, or not planned any more';
COMMENT ON COLUMN compute_cluster.country IS
    'country it stands in, as printed; Hong Kong and Taiwan are apart from China; null: not known';
COMMENT ON COLUMN compute_cluster.owner IS 'owners, comma list as printed; null: not known';
COMMENT ON COLUMN compute_cluster.sector IS '''Private'', ''Public'' or ''Public/Private''';
COMMENT ON COLUMN compute_cluster.chip IS 'type of its main chip, as printed';
COMMENT ON COLUMN compute_cluster.chips IS 'number of its main chips';
COMMENT ON COLUMN compute_cluster.h100e IS 'computing power, in chips of the type H100';
COMMENT ON COLUMN compute_cluster.ops_16bit IS 'peak performance with 16-bit numbers, operations a second';
COMMENT ON COLUMN compute_cluster.power_mw IS 'power, MW';
COMMENT ON COLUMN compute_cluster.standard IS 'whether the publisher''s standard analysis includes it';
COMMENT ON COLUMN compute_cluster.duplicate IS 'whether it may be another cluster of the list once more';
