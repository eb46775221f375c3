"""Pictures for courses that have none: terraced hills drawn from the title, so that a course keeps its picture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from flask import Flask
from markupsafe import Markup

# Sky, then hills from far to near, then the sun or moon. Muted, so that ten of them on a page stay calm.
PALETTES = (
    ("#e9e4d3", "#b9c9bd", "#86a89b", "#4f8277", "#1f5d55", "#c8553d"),
    ("#efe6d2", "#d9c49a", "#b99d63", "#8a7440", "#5c4f2c", "#b3402b"),
    ("#e2e9e8", "#b3c8cc", "#7fa3ab", "#4c7a86", "#25525f", "#d9a441"),
    ("#ece7e0", "#cdbfb4", "#a58d80", "#7b6258", "#4f3d37", "#c96a3f"),
    ("#e6ead9", "#bfcc9f", "#93aa6c", "#64813f", "#3c5a26", "#e0b04a"),
    ("#e7e6ee", "#c0c0d3", "#8f92b3", "#616790", "#3b4168", "#d98a5b"),
)
WIDTH, HEIGHT, STEPS = 320, 180, 4


def _numbers(seed: str) -> Iterator[int]:
    """An endless row of bytes that is the same for the same text on every machine."""
    block = seed.encode()
    while True:
        block = hashlib.sha256(block).digest()
        yield from block


def _hill(base: int, swing: int, row: Iterator[int]) -> str:
    """One terrace: a soft line from left to right, closed along the lower edge."""
    heights = [base + next(row) * swing // 255 - swing // 2 for _step in range(STEPS + 1)]
    stride = WIDTH // STEPS
    path = [f"M0 {heights[0]}"]
    for step in range(STEPS):
        middle, right = step * stride + stride // 2, (step + 1) * stride
        path.append(f"C{middle} {heights[step]} {middle} {heights[step + 1]} {right} {heights[step + 1]}")
    return "".join(path) + f"V{HEIGHT}H0z"


def placeholder_art(title: str, category: str = "") -> Markup:
    """An SVG of 320 × 180 for a title; courses of one category share its colours. About 900 bytes, decorative."""
    palette = PALETTES[next(_numbers(str(category))) % len(PALETTES)]
    row = _numbers(str(title))
    sun_x, sun_y = 40 + next(row) * 240 // 255, 34 + next(row) * 24 // 255
    parts = [
        f'<svg class="art" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid slice" aria-hidden="true" '
        f'focusable="false"><path fill="{palette[0]}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<circle fill="{palette[5]}" cx="{sun_x}" cy="{sun_y}" r="15"/>'
    ]
    for depth in range(4):
        base = 74 + depth * 25
        parts.append(f'<path fill="{palette[1 + depth]}" d="{_hill(base, 46 - depth * 3, row)}"/>')
        if depth > 1:
            line = _hill(base + 11, 26, row).split("V")[0]
            parts.append(f'<path fill="none" stroke="{palette[0]}" stroke-opacity=".35" d="{line}"/>')
    # Only numbers and the colours above get into the picture; the title itself does not.
    return Markup("".join(parts) + "</svg>")  # noqa: S704


def install(app: Flask) -> None:
    """Give the course card its picture."""
    app.jinja_env.globals["placeholder_art"] = placeholder_art
