"""The tags of a paper: what a screen reader is told of each piece of text, table and picture.

WeasyPrint's own tags give every page its own table, repeat the head as if it were rows, leave out
what a heading cell is the head of, and take an object for every line of text. Here one element of
the paper is one element of the tags on however many pages it stands, heads that are repeated are
ornament, heading cells say their scope, and text belongs to the cell or paragraph itself.
"""

from __future__ import annotations

from typing import Any

import pydyf  # type: ignore[import-untyped]
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder

# By class first, then by name. "" stands for no tag: what is inside belongs to what is around.
_BY_CLASS = {
    "figures": "Div",
    "signatures": "Div",
    "beside": "Div",
    "entries": "TOC",
    "entry": "TOCI",
    "list": "L",
    "item": "LI",
    "mark": "Lbl",
    "body": "LBody",
}
_BY_NAME = {
    "html": "",
    "body": "",
    "div": "Div",
    "section": "Sect",
    "header": "Sect",
    "h1": "H1",
    "h2": "H2",
    "h3": "H3",
    "h4": "H4",
    "h5": "P",
    "p": "P",
    "a": "Link",
    "table": "Table",
    "thead": "THead",
    "tbody": "TBody",
    "tfoot": "TFoot",
    "tr": "TR",
    "th": "TH",
    "td": "TD",
    "img": "Figure",
}
# Tables that only set things side by side, and those whose head stands in an earlier part.
_BARE_TABLES = {"figures", "signatures", "beside", "goes-on"}
_SCOPES = {"col": "/Column", "colgroup": "/Column", "row": "/Row"}


def add_tags(pdf: pydyf.PDF, document: Any, version: Any, streams: list[Any]) -> None:
    """Stands in for WeasyPrint's function of this name."""
    _Tagger(pdf).tag(document.pages, streams)


class _Tagger:
    """Builds the tags of one PDF."""

    def __init__(self, pdf: pydyf.PDF) -> None:
        self.pdf = pdf
        self.pages = pdf.page_references
        self.page = 0
        self.height = 0.0
        self.made: dict[Any, pydyf.Dictionary] = {}
        self.begun_on: dict[Any, int] = {}
        # The tags of the page's pieces of content, by their numbers; pieces that are ornament.
        self.owners: dict[int, bytes] = {}
        self.ornament: set[int] = set()
        self.links: list[tuple[bytes, pydyf.Dictionary]] = []

    def tag(self, pages: list[Any], streams: list[Any]) -> None:
        """Tag all pages, and give the PDF its structure tree."""
        numbers = pydyf.Array()
        tree = pydyf.Dictionary({"Type": "/StructTreeRoot"})
        self.pdf.add_object(tree)
        whole = self._element("Document", tree)
        tree["K"] = pydyf.Array([whole.reference])
        for self.page, (page, stream) in enumerate(zip(pages, streams, strict=True)):
            self.height = page.height
            self.owners, self.ornament = {}, set()
            self._walk(page._page_box, whole, stream._tags, "")
            # What no element owns (a head repeated, a leader) is ornament.
            self.ornament |= {piece["mcid"] for piece in stream._tags.values()}
            if self.ornament:
                self._make_ornament(stream.stream)
            last = max(self.owners, default=-1)
            owners = pydyf.Array([self.owners.get(number, b"null") for number in range(last + 1)])
            self.pdf.add_object(owners)
            numbers += [self.page, owners.reference]
        for number, (reference, annotation) in enumerate(self.links, len(pages)):
            annotation["StructParent"] = number
            numbers += [number, reference]
        parents = pydyf.Dictionary({"Nums": numbers})
        self.pdf.add_object(parents)
        tree["ParentTree"] = parents.reference
        self.pdf.catalog["StructTreeRoot"] = tree.reference
        self.pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})

    def _element(self, role: str, parent: pydyf.Dictionary) -> pydyf.Dictionary:
        element = pydyf.Dictionary({"S": f"/{role}", "P": parent.reference, "K": pydyf.Array()})
        self.pdf.add_object(element)
        return element

    def _make_ornament(self, operators: list[Any]) -> None:
        for at, operator in enumerate(operators):
            if isinstance(operator, pydyf.Dictionary) and operator.get("MCID") in self.ornament:
                operators[at - 1 : at + 2] = [b"/Artifact", b"", b"BMC"]

    def _walk(self, box: Any, parent: pydyf.Dictionary, pieces: dict[Any, Any], table: str) -> None:
        if isinstance(box, AbsolutePlaceholder):
            box = box._box
        if isinstance(box, boxes.TextBox | boxes.ReplacedBox):
            if isinstance(box, boxes.ReplacedBox):
                if not box.element.get("alt"):
                    return
                parent = self._made(box, "Figure", parent)
            if piece := pieces.pop(box, None):
                self._own(parent, piece["mcid"])
            return
        element = box.element
        owner = parent
        if element is not None and not isinstance(box, boxes.PageBox | boxes.LineBox):
            names = (element.get("class") or "").split()
            if element.tag in ("table", "section"):
                table = next(iter(_BARE_TABLES.intersection(names)), table)
            if "reserved" in names or self._is_repeated(element, table):
                return
            if role := _role(element.tag, names, table):
                owner = self._made(box, role, parent)
        for child in box.children if isinstance(box, boxes.ParentBox) else ():
            self._walk(child, owner, pieces, table)
        if box.link_annotation:
            self._link(box.link_annotation, owner)

    def _is_repeated(self, element: Any, table: str) -> bool:
        """Whether this is the head or foot of a table that stood on an earlier page already."""
        if element.tag not in ("thead", "tfoot"):
            return False
        return table == "goes-on" or self.begun_on.get(element, self.page) < self.page

    def _made(self, box: Any, role: str, parent: pydyf.Dictionary) -> pydyf.Dictionary:
        """The tag of the box's element: made once, wherever the element goes on."""
        element = box.element
        if element in self.made:
            return self.made[element]
        made = self.made[element] = self._element(role, parent)
        self.begun_on[element] = self.page
        parent["K"].append(made.reference)
        if role in ("TH", "TD"):
            self._cell(made, element, role)
        elif role == "L":
            made["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": "/Decimal"})
        elif role == "Figure":
            made["Alt"] = pydyf.String(element.get("alt", ""))
            left, top = box.content_box_x() * 0.75, (self.height - box.content_box_y()) * 0.75
            edges = (left, top - box.height * 0.75, left + box.width * 0.75, top)
            made["A"] = pydyf.Dictionary(
                {"O": "/Layout", "BBox": pydyf.Array(round(edge, 2) for edge in edges)}
            )
        return made

    def _cell(self, made: pydyf.Dictionary, element: Any, role: str) -> None:
        says: dict[str, Any] = {}
        if role == "TH":
            says["Scope"] = _SCOPES.get(element.get("scope"), "/Row")
        for key, name in (("ColSpan", "colspan"), ("RowSpan", "rowspan")):
            if (span := int(element.get(name, 1))) > 1:
                says[key] = span
        if says:
            made["A"] = pydyf.Dictionary({"O": "/Table", **says})

    def _own(self, owner: pydyf.Dictionary, number: int) -> None:
        """Give a piece of the page's content to its element."""
        page = self.pages[self.page]
        self.owners[number] = owner.reference
        if owner.setdefault("Pg", page) == page:
            owner["K"].append(number)
        else:
            owner["K"].append(pydyf.Dictionary({"Type": "/MCR", "Pg": page, "MCID": number}))

    def _link(self, annotation: pydyf.Dictionary, owner: pydyf.Dictionary) -> None:
        page = self.pages[self.page]
        owner["K"].append(pydyf.Dictionary({"Type": "/OBJR", "Obj": annotation.reference, "Pg": page}))
        self.links.append((owner.reference, annotation))


def _role(name: str, classes: list[str], table: str) -> str:
    for one in classes:
        if one in _BY_CLASS:
            return _BY_CLASS[one]
    if table not in ("", "goes-on") and name in ("tbody", "tr", "td"):
        # What stands beside another is text of its own, or blocks of its own.
        return "P" if name == "td" and table != "beside" else ""
    return _BY_NAME.get(name, "")
