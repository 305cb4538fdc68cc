#!/usr/bin/env python3
"""Write the tables of the elementary functions.

    tools/make_elementary.py [FILE]   (sim/base/math/elementary_table.c)

Every figure is computed with 300 bits and rounded once. Needs Python 3.9 and mpmath.
"""

import math
import struct
import sys
from fractions import Fraction

from mpmath import asin, chebyfit, log, mp, mpf, nint, sqrt

mp.prec = 300
CELLS = 128
FIRST_CELL = 0x3FE9500000000000  # bits of the least significand, so that 1 lies inside a cell
HIGH_BITS = 42  # after the point: with ten more before it, multiples of ln 2 add up without rounding


def double(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def split(value):
    """A part of few bits and the rest."""
    high = nint(value * 2**HIGH_BITS) / mpf(2) ** HIGH_BITS
    return float(high), float(value - high)


def exp_rows():
    """2^(j/128) without what j/128 adds to the exponent's bits, and by how much (relative) it is too small."""
    for j in range(CELLS):
        exact = mpf(2) ** (mpf(j) / CELLS)
        scale = float(exact)
        yield f"{{{float(exact / mpf(scale) - 1).hex()}, 0x{(bits(scale) - (j << 45)) % 2**64:016x}u}},"


def centre(low, high):
    """The double nearest to where a cell wants its centre whose reciprocal is a double too, but for 2^-62."""
    if low < 1 < high:
        return 1.0
    # Beside the cell of 1 logarithms are small: there the centre is near the end that is nearer to 1.
    share = mpf(1) / 4 if 0 < low - 1 < 1 / 128 else mpf(3) / 4 if 0 < 1 - high < 1 / 256 else mpf(1) / 2
    wanted = float(low + share * (mpf(high) - low))
    step = 0
    while True:
        candidate = wanted + step * math.ulp(wanted)
        if abs(Fraction(candidate) * Fraction(1 / candidate) - 1) < Fraction(1, 2**62):
            return candidate
        step = -step if step > 0 else 1 - step


def log_rows():
    for i in range(CELLS):
        c = centre(double(FIRST_CELL + (i << 45)), double(FIRST_CELL + ((i + 1) << 45)))
        high, low = split(log(mpf(c)))
        yield f"{{{c.hex()}, {(1 / c).hex()}, {high.hex()}, {low.hex()}}},"


def asin_rows():
    """(asin(x) - x) / x^3 as a polynomial of x^2 up to 1/4, lowest power first."""

    def wanted(z):
        if z < mpf(2) ** -60:
            return mpf(1) / 6
        x = sqrt(z)
        return (asin(x) - x) / x**3

    for coefficient in reversed(chebyfit(wanted, [0, mpf(1) / 4], 13)):
        yield f"{float(coefficient).hex()},"


def table(declaration, rows):
    return f"const {declaration} = {{\n" + "".join(f"    {row}\n" for row in rows) + "};\n"


def main(path):
    step = log(2) / CELLS
    for name, value in (("ELEMENTARY_LN2", log(2)), ("ELEMENTARY_STEP", step)):
        high, low = split(value)
        print(f"#define {name}_HIGH {high.hex()}\n#define {name}_LOW {low.hex()}")
    print(f"#define ELEMENTARY_STEPS {float(1 / step).hex()}")
    text = "\n".join(
        (
            "/* Written by tools/make_elementary.py. */\n// clang-format off\n#include \"base/math/elementary.h\"\n",
            table(f"elementary_exp_t elementary_exp_table[{CELLS}]", exp_rows()),
            table(f"elementary_log_t elementary_log_table[{CELLS}]", log_rows()),
            table("double elementary_asin_table[13]", asin_rows()),
        )
    )
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sim/base/math/elementary_table.c")
