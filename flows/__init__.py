"""The program: what runs the steps, on a schedule or from the command line."""

import sys

if "duckdb" not in sys.modules and not hasattr(main := sys.modules["__main__"], "__file__"):
    # When it is imported, DuckDB takes a process whose main module has no file for a session at a prompt, and
    # draws progress bars from then on. The runs of `gapwatch serve` are such processes, and write to a log.
    main.__file__ = __file__
    import duckdb  # noqa: F401

    del main.__file__
