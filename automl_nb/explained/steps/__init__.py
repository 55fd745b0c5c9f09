"""One file for each step that can be explained; `automl_nb.explained.catalog` lists them."""
