"""Runs the suites of the containers lab: `lab/test-containers --help`."""
