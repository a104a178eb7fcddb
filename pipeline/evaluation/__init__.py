"""How well the models do on labelled data, and the reports of it. Tests, plots and pages; no training."""
