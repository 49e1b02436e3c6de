-- compute_cluster: a cluster of AI chips, existing or planned, as one vintage states it
CREATE TABLE compute_cluster (
    source         VARCHAR,  -- id of the source that states it (see the view source)
    name           VARCHAR,  -- name of the cluster, as printed; all anonymised Chinese systems share one
    which          VARCHAR,  -- tells clusters of one name apart: status, first day, country, sector and a number among those alike; else an empty text
    status         VARCHAR,  -- 'Existing', 'Planned' or 'Decommissioned'
    certainty      VARCHAR,  -- 'Confirmed', 'Likely' or 'Unlikely'
    operational_on DATE,     -- first day of operation; null: not stated, or still planned
    planned_on     DATE,     -- first day of operation of a planned cluster; null: not stated, or not planned any more
    country        VARCHAR,  -- country it stands in, as printed; Hong Kong and Taiwan are apart from China; null: not known
    owner          VARCHAR,  -- owners, comma list as printed; null: not known
    sector         VARCHAR,  -- 'Private', 'Public' or 'Public/Private'
    chip           VARCHAR,  -- type of its main chip, as printed
    chips          DOUBLE,   -- number of its main chips
    h100e          DOUBLE,   -- computing power, in chips of the type H100
    ops_16bit      DOUBLE,   -- peak performance with 16-bit numbers, operations a second
    power_mw       DOUBLE,   -- power, MW
    standard       BOOLEAN,  -- whether the publisher's standard analysis includes it
    duplicate      BOOLEAN,  -- whether it may be another cluster of the list once more
    PRIMARY KEY (source, name, which)
);
