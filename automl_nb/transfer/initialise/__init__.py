"""Where a head starts before the network is tuned, one file each; `catalog` lists them."""
