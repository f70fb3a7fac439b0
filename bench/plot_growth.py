#!/usr/bin/env python3
"""Draws what growth_bench printed: bench/plot_growth.py LINES SVG

Each operation's CPU time beside its own at the least size, over the number of certificates."""

import math
import pathlib
import sys

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 60, 20, 130, 50
COLOURS = {"sign": "#1b6ca8", "read": "#c1440e", "search": "#2e8b57", "ocsp": "#7b3fa0", "revoke": "#8a6d00"}


def read_lines(path):
    """operation -> [(certificates, microseconds)]"""
    series = {}
    for line in pathlib.Path(path).read_text().splitlines():
        size, _, operation, value = line.split("\t")
        if operation in COLOURS:
            series.setdefault(operation, []).append((int(size), float(value)))
    return series


def main(source, target):
    series = read_lines(source)
    sizes = sorted({size for points in series.values() for size, _ in points})
    low, high = math.log10(sizes[0]), math.log10(sizes[-1])
    top = max(2, *(math.ceil(value / min(points)[1]) for points in series.values() for _, value in points))

    def x(size):
        return LEFT + (math.log10(size) - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def y(ratio):
        return HEIGHT - BOTTOM - ratio / top * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
           'font-size="12">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for step in range(9):
        ratio = step * top / 8
        out.append(f'<line x1="{LEFT}" y1="{y(ratio):.1f}" x2="{WIDTH - RIGHT}" y2="{y(ratio):.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y(ratio) + 4:.1f}" text-anchor="end">{ratio:.2f}</text>')
    out.append(f'<line x1="{LEFT}" y1="{y(1.1):.1f}" x2="{WIDTH - RIGHT}" y2="{y(1.1):.1f}" stroke="#999" '
               'stroke-dasharray="4 3"/>')
    for size in sizes:
        out.append(f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{size:,}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">certificates in the '
               'store</text>')
    for row, (operation, points) in enumerate(series.items()):
        points.sort()
        base = points[0][1]
        colour = COLOURS[operation]
        path = " ".join(f"{x(size):.1f},{y(value / base):.1f}" for size, value in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        height = TOP + 14 + 20 * row
        out.append(f'<text x="{WIDTH - RIGHT + 12}" y="{height}" fill="{colour}">{operation}: {base:.0f} µs</text>')
    out.append("</svg>")
    pathlib.Path(target).write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
