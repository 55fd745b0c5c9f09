"""How alike two data sets are in one space of frozen features, one file each; `catalog` lists them."""
