"""Changes to rows while a network learns from them, one file each; `catalog` lists them."""
