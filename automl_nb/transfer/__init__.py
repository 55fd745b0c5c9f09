"""Ways of training a predictor on encoded or raw columns, one file each."""
