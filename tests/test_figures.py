"""The README quotes the figures that the training commands wrote, no others."""

import json

from bench.figures import README, REGISTRY, filled


def test_the_readme_quotes_the_registry() -> None:
    readme = README.read_text()
    assert filled(readme, json.loads(REGISTRY.read_text())) == readme, "run `make figures`"
