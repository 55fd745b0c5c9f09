"""How alike two data sets are to one backbone, one file each; `catalog` lists them."""
