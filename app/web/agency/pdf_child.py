"""Opens one PDF from standard input, as a program of its own: `python -I pdf_child.py < FILE`.

The exit code is the answer. Memory and time are limited before the first byte is read, so that a file made to
exhaust its reader exhausts this process only.
"""

from __future__ import annotations

import sys

SOUND, LOCKED_PDF, BROKEN_PDF = 0, 11, 12

_MOST_MEMORY = 1 << 30
_MOST_SECONDS = 10


def main() -> int:
    """One of the three codes; anything else means that the limits ended the process."""
    import io
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(sys.stdin.buffer.read()), suppress_warnings=True) as document:
            return SOUND if len(document.pages) and document.pages[0].mediabox is not None else BROKEN_PDF
    except pikepdf.PasswordError:
        return LOCKED_PDF
    except (pikepdf.PdfError, AttributeError, TypeError, ValueError, RecursionError, MemoryError):
        return BROKEN_PDF


if __name__ == "__main__":
    sys.exit(main())
