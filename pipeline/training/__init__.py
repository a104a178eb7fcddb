"""How the bundled weights are made: readers of the public data sets and one training script a model."""
