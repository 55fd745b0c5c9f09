"""Encoders: columns of a table in, blocks of numbers out, computed once and kept."""
