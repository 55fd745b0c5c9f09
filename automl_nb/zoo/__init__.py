"""Pretrained backbones: what there is, where it comes from, how it is loaded safely."""
