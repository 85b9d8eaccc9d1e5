"""What an image is, whenever it was built."""

from __future__ import annotations

from dataclasses import replace

from djdock.images.identity import content
from djdock.images.model import Image, Layer

LAYER = Layer(0, "sha256:a", "RUN true", 0, 0)
CONFIG = {
    "created": "2026-01-01T00:00:00Z",
    "config": {"User": "10001"},
    "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "RUN true"}],
}
IMAGE = Image("site:1", "sha256:1", CONFIG, [LAYER])


def test_the_same_layers_and_settings_are_the_same_content_at_any_time() -> None:
    later = {
        **CONFIG,
        "created": "2027",
        "history": [{"created": "2027", "created_by": "RUN true"}],
    }
    assert content(replace(IMAGE, name="site:2", id="sha256:2", config=later)) == content(IMAGE)
    assert content(IMAGE).startswith("sha256:")


def test_another_layer_setting_or_instruction_is_another_content() -> None:
    others = [
        replace(IMAGE, layers=[replace(LAYER, digest="sha256:b")]),
        replace(IMAGE, config={**CONFIG, "config": {"User": "0"}}),
        replace(IMAGE, config={**CONFIG, "history": [{"created_by": "RUN false"}]}),
    ]
    assert len({content(image) for image in [IMAGE, *others]}) == 4


def test_a_configuration_that_makes_no_sense_has_a_content_too() -> None:
    assert content(Image("x", "", {"history": ["a", None]})) != content(Image("x", ""))
