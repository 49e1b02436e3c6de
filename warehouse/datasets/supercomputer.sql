CREATE TABLE supercomputer (
    source        VARCHAR,
    list          DATE,
    rank          BIGINT,
    system        VARCHAR,
    name          VARCHAR,
    site          VARCHAR,
    country       VARCHAR NOT NULL,
    segment       VARCHAR,
    year          BIGINT,
    cores         BIGINT,
    rmax_tflops   DOUBLE NOT NULL,
    rpeak_tflops  DOUBLE,
    PRIMARY KEY (source, list, rank)
);
COMMENT ON TABLE supercomputer IS 'a system on a TOP500 list, as the list prints it';
COMMENT ON COLUMN supercomputer.source IS 'id of the source that states it (see the view source)';
COMMENT ON COLUMN supercomputer.list IS 'the list, by the first day of its month (June or November)';
COMMENT ON COLUMN supercomputer.rank IS 'rank on the list, 1 to 500';
COMMENT ON COLUMN supercomputer.system IS 'the publisher''s id of the system, the same on every list';
COMMENT ON COLUMN supercomputer.name IS 'name of the system; null: none printed';
COMMENT ON COLUMN supercomputer.site IS 'institution that runs it, as printed';
COMMENT ON COLUMN supercomputer.country IS 'country, as printed; Hong Kong and Taiwan are apart from China';
COMMENT ON COLUMN supercomputer.segment IS 'kind of user, as printed, such as ''Research'' or ''Industry''';
COMMENT ON COLUMN supercomputer.year IS 'year of installation';
COMMENT ON COLUMN supercomputer.cores IS 'cores, with those of accelerators';
COMMENT ON COLUMN supercomputer.rmax_tflops IS
    'performance reached on the LINPACK benchmark, TFlop/s (64-bit)';
COMMENT ON COLUMN supercomputer.rpeak_tflops IS 'theoretical peak performance, TFlop/s (64-bit)';
