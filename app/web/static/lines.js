// Thai is written without spaces, and a browser asks a dictionary where a line may end. Words the dictionary lacks come
// apart in the middle ("แผนงา|นบูรณาการ", "น้อยห|นึ่ง", "คลา|วด์"). Each of them is put here in an element that is not broken,
// with a place to break on either side, as are dates and the numbers of proposals; the text itself, what is copied and
// what is read aloud stay as they are.
"use strict";

const WHOLE = /ปีงบประมาณ|งบประมาณ|บูรณาการ|กลั่นกรอง|หนึ่ง|คลาวด์|โทเคน|หน่วยงาน|ข้อเสนอ(?!แนะ)|เลขานุการ|เจ้าภาพ|บันทึก|ผลกระทบ|กระทบ|กระจาย|ธรรมาภิบาล|มอบหมาย|แล้วกรอก|แล้วกลับ|เป็นกลาง|ได้ผลอย่าง|มีผลอยู่|รอมติ|หารือ|เอสเอ็มอี|ตัวชี้วัด|ลงนาม|หลักฐาน|ปิดรับ|ต่อเนื่อง|คาดการณ์|(?<![\w-])\d{4}-\d{4}(?![\w-])|\d{1,2} [ก-ฮ]\S{1,4}\. \d{4}|\(เหลือ \d+ [ก-๙]+\)/g;
const LEFT_ALONE = "script, style, textarea, select, title, svg, pre, code, one-word, [aria-live], [role=alert], [role=status]";

const THAI = /[ก-๙]/;
const split = (text) => {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(WHOLE)) {
    const end = found.index + found[0].length;
    const word = document.createElement("one-word"); // a name of its own, so that no rule for spans moves it
    word.textContent = found[0];
    // only between letters: a bracket or a quotation mark stays with its word
    const before = found.index > from && THAI.test(text[found.index - 1]) ? document.createElement("wbr") : "";
    const after = THAI.test(text[end] ?? "") ? document.createElement("wbr") : "";
    parts.push(text.slice(from, found.index), before, word, after);
    from = end;
  }
  return [...parts, text.slice(from)].filter((part) => part !== "");
};

const keepWhole = (root) => {
  const texts = [];
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    node.nodeType === Node.ELEMENT_NODE
      ? node.matches(LEFT_ALONE) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP
      : node.data.search(WHOLE) < 0 ? NodeFilter.FILTER_SKIP : NodeFilter.FILTER_ACCEPT);
  while (walk.nextNode()) texts.push(walk.currentNode);
  // a row or a grid makes a box of each piece it holds: there the pieces stay in one
  const boxed = texts.map((text) => /flex|grid/.test(getComputedStyle(text.parentElement).display));
  texts.forEach((text, i) => {
    const parts = split(text.data);
    if (!boxed[i]) return text.replaceWith(...parts);
    const box = document.createElement("one-text");
    box.append(...parts);
    text.replaceWith(box);
  });
};

keepWhole(document.body);

// What a save brings into the page is gone through as well.
const seen = new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) {
      if (node.nodeType === Node.ELEMENT_NODE && node.isConnected && !node.closest(LEFT_ALONE)) keepWhole(node);
    }
  }
  seen.takeRecords();
});
for (const panel of document.querySelectorAll("[data-panel]")) seen.observe(panel, { childList: true, subtree: true });
