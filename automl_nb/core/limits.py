"""The largest number that a model reads."""

LARGEST = 1e37  # features are float32, which end at 3.4e38; what is beyond counts as missing
