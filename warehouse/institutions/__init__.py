"""Institutions: from an affiliation as printed to an institution and its country. See ``resolver``."""
