"""Transferability scores, one file each; `catalog` lists them."""
