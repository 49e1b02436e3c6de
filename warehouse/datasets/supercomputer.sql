-- supercomputer: a system on a TOP500 list, as the list prints it
CREATE TABLE supercomputer (
    source        VARCHAR,           -- id of the source that states it (see the view source)
    list          DATE,              -- the list, by the first day of its month (June or November)
    rank          BIGINT,            -- rank on the list, 1 to 500
    system        VARCHAR,           -- the publisher's id of the system, the same on every list
    name          VARCHAR,           -- name of the system; null: none printed
    site          VARCHAR,           -- institution that runs it, as printed
    country       VARCHAR NOT NULL,  -- country, as printed; Hong Kong and Taiwan are apart from China
    segment       VARCHAR,           -- kind of user, as printed, such as 'Research' or 'Industry'
    year          BIGINT,            -- year of installation
    cores         BIGINT,            -- cores, with those of accelerators
    rmax_tflops   DOUBLE NOT NULL,   -- performance reached on the LINPACK benchmark, TFlop/s (64-bit)
    rpeak_tflops  DOUBLE,            -- theoretical peak performance, TFlop/s (64-bit)
    PRIMARY KEY (source, list, rank)
);
