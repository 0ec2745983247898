"""Sarabun, the one typeface of every paper: its files, its metrics and what its glyphs mean."""

from __future__ import annotations

import functools
from pathlib import Path

FAMILY = "Sarabun"
WEIGHTS = (400, 700)
NIKHAHIT = "\u0e4d"


@functools.cache
def font_path(weight: int) -> Path:
    """The font file for a weight in :data:`WEIGHTS`."""
    import fontpkg  # imported late: only who draws or prints opens the font

    return Path(fontpkg.path(FAMILY, weight=weight))


@functools.cache
def advances(weight: int) -> dict[int, int]:
    """Code point -> how far it moves the line on, in thousandths of the size; marks above and below do not."""
    from fontTools.ttLib import TTFont  # slow to load, and only who fits text to a width asks for it

    with TTFont(font_path(weight), lazy=True) as font:
        widths, whole = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: round(widths[name][0] * 1000 / whole) for code, name in font.getBestCmap().items()}


@functools.cache
def glyph_texts(weight: int) -> dict[int, str]:
    """Glyph id -> the Thai text (or blank) it stands for, read from the font itself.

    The character map gives the plain glyphs. Glyph substitution gives the others: single
    substitutions are the raised, narrowed or footless forms of a letter, ligatures here are
    NIKHAHIT joined with a tone mark. Only glyphs that mean Thai text are listed.
    """
    from fontTools.ttLib import TTFont  # slow to load, and only paper asks for it

    with TTFont(font_path(weight), lazy=True) as font:
        texts: dict[str, str] = {}
        for code, name in sorted(font.getBestCmap().items()):
            if 0x0E00 <= code <= 0x0E7F or code == 0x20:
                texts.setdefault(name, chr(code))
        lookups = font["GSUB"].table.LookupList.Lookup
        subtables = [getattr(table, "ExtSubTable", table) for lookup in lookups for table in lookup.SubTable]
        # A form of a form takes two rounds (narrow form of a ligature).
        for _ in range(2):
            for table in subtables:
                if table.LookupType == 1:
                    for base, form in table.mapping.items():
                        if base in texts:
                            texts.setdefault(form, texts[base])
                elif table.LookupType == 4:
                    for first, ligatures in table.ligatures.items():
                        for ligature in ligatures:
                            parts = [first, *ligature.Component]
                            if all(part in texts for part in parts):
                                # The font joins a tone mark and NIKHAHIT in either order.
                                joined = sorted((texts[part] for part in parts), key=lambda t: t != NIKHAHIT)
                                texts.setdefault(ligature.LigGlyph, "".join(joined))
        return {font.getGlyphID(name): text for name, text in texts.items()}
