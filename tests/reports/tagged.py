"""Reads a tagged PDF as a screen reader does: elements with their roles, attributes and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf

_MAPPED = re.compile(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]*)>")


@dataclass
class Element:
    """One element; ``words`` are those of its own pieces of content, in the order of its kids."""

    role: str
    attributes: dict[str, object]
    alt: str = ""
    words: str = ""
    kids: list[Element] = field(default_factory=list)

    def all(self, role: str) -> Iterator[Element]:
        """Every element of this role, this one included, in reading order."""
        if self.role == role:
            yield self
        for kid in self.kids:
            yield from kid.all(role)

    @property
    def text(self) -> str:
        """All words inside."""
        return self.words + "".join(kid.text for kid in self.kids)


def read_tags(book: pikepdf.Pdf) -> Element:
    """The whole tree. Fails when content is neither tagged nor ornament, or tags and content disagree."""
    numbers = {page.obj.objgen: number for number, page in enumerate(book.pages)}
    pieces = [_pieces(page) for page in book.pages]
    nums = book.Root.StructTreeRoot.ParentTree.Nums
    owners = {int(nums[at]): nums[at + 1] for at in range(0, len(nums), 2)}
    owned: set[tuple[int, int]] = set()

    def build(node: pikepdf.Object) -> Element:
        says = {str(k)[1:]: v for k, v in node.get("/A", pikepdf.Dictionary()).items()}
        element = Element(str(node.S)[1:], says, str(node.get("/Alt", "")))
        for kid in node.K:
            if isinstance(kid, int) or kid.get("/Type") == "/MCR":
                page = numbers[(node.Pg if isinstance(kid, int) else kid.Pg).objgen]
                piece = kid if isinstance(kid, int) else int(kid.MCID)
                assert owners[int(book.pages[page].obj.StructParents)][piece].objgen == node.objgen
                assert (page, piece) not in owned
                owned.add((page, piece))
                element.words += pieces[page][piece]
            elif kid.get("/Type") == "/OBJR":
                assert owners[int(kid.Obj.StructParent)].objgen == node.objgen
            else:
                assert kid.P.objgen == node.objgen
                element.kids.append(build(kid))
        return element

    tree = build(book.Root.StructTreeRoot.K[0])
    assert owned == {(page, piece) for page, found in enumerate(pieces) for piece in found}
    return tree


def _pieces(page: pikepdf.Page) -> dict[int, str]:
    """The words of every marked piece of a page's content."""
    fonts = {str(name): _letters(font) for name, font in page.resources.get("/Font", {}).items()}
    found: dict[int, str] = {}
    open_marks: list[tuple[str, int | None]] = []
    letters: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "Tf":
                letters = fonts[str(operands[0])]
            case "BMC":
                open_marks.append((str(operands[0]), None))
            case "BDC":
                says = operands[1]
                number = int(says.MCID) if "/MCID" in says else None
                open_marks.append((str(operands[0]), number))
                if number is not None:
                    assert number not in found
                    found[number] = ""
                elif "/ActualText" in says and (piece := _piece(open_marks)) is not None:
                    found[piece] += str(says.ActualText)
                    open_marks[-1] = ("actual", None)
            case "EMC":
                open_marks.pop()
            case "TJ" | "Tj":
                piece = _piece(open_marks)
                if piece is None:
                    assert any(role == "/Artifact" for role, _ in open_marks), (
                        "text that is no part of the tags"
                    )
                elif open_marks[-1][0] != "actual":
                    for shown in operands[0] if str(operator) == "TJ" else [operands[0]]:
                        if isinstance(shown, pikepdf.String):
                            data = bytes(shown)
                            codes = (
                                int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)
                            )
                            found[piece] += "".join(letters.get(code, "") for code in codes)
    assert not open_marks
    return found


def _piece(open_marks: list[tuple[str, int | None]]) -> int | None:
    return next((number for _, number in reversed(open_marks) if number is not None), None)


def _letters(font: pikepdf.Object) -> dict[int, str]:
    pairs = _MAPPED.findall(font.ToUnicode.read_bytes())
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}
