"""Losses that a network can be tuned with, one file each; `catalog` lists them."""
