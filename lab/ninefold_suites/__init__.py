"""Runs the suites of the containers lab. See `lab/test-containers --help`."""
