// Scoring with the keyboard, the running total and what still lacks; the form works without any of it. Saving by itself
// is autosave.js.
"use strict";

{
  const english = document.documentElement.lang === "en";
  const say = (th, en) => (english ? en : th);
  const rubric = document.querySelector("[data-rubric]");

  if (rubric) {
    const criteria = [...rubric.querySelectorAll(".criterion")];
    const levels = (criterion) => [...criterion.querySelectorAll('input[type="radio"]')];
    const chosen = (criterion) => levels(criterion).find((level) => level.checked);
    const comment = (criterion) => criterion.querySelector("textarea");
    const wanting = new Set(rubric.dataset.commentLevels.split(","));
    const least = Number(rubric.dataset.commentLength);
    const written = (criterion) => [...comment(criterion).value.trim()].length;
    let last = criteria[0];
    rubric.querySelector(".keys").hidden = false;

    // Weight in percent x level x 25 is hundredths of a point: the server's own sum.
    const add = () => {
      const given = criteria.map((criterion) => [criterion, chosen(criterion)]).filter(([, level]) => level);
      const total = given.reduce((sum, [c, level]) => sum + Number(c.dataset.weight) * Number(level.value) * 25, 0);
      rubric.querySelector("[data-total]").textContent = `${Math.floor(total / 100)}.${String(total % 100).padStart(2, "0")}`;
      rubric.querySelector("[data-given]").textContent = given.length;
    };

    // What lacks before handing in: every level, and a comment of the call's minimum where the level asks for one.
    const lacks = () => {
      const missing = [];
      criteria.forEach((criterion, i) => {
        const level = chosen(criterion);
        const wants = level && wanting.has(level.value);
        const count = wants ? written(criterion) : 0;
        const note = criterion.querySelector("[data-needs]");
        const words = !wants ? "" : count < least
          ? say(`ระดับ ${level.value} ต้องมีความเห็นอย่างน้อย ${least} ตัวอักษร (ขณะนี้ ${count})`, `Level ${level.value} needs a comment of at least ${least} characters (now ${count})`)
          : say("ความเห็นครบตามที่กำหนดแล้ว", "The comment is long enough");
        if (note.textContent !== words) note.textContent = words;
        note.classList.toggle("short", Boolean(wants && count < least));
        if (!level) missing.push([levels(criterion)[0].id, say(`เกณฑ์ ${i + 1}`, `criterion ${i + 1}`)]);
        else if (wants && count < least) missing.push([comment(criterion).id, say(`ความเห็นเกณฑ์ ${i + 1}`, `comment ${i + 1}`)]);
      });
      rubric.querySelector("[data-next]").hidden = criteria.every(chosen);
      const line = rubric.querySelector("[data-lacks]");
      line.replaceChildren();
      missing.forEach(([id, words], i) => {
        line.append(i ? ", " : say("ก่อนส่งยังขาด: ", "Before handing in: "));
        line.append(Object.assign(document.createElement("a"), { href: `#${id}`, textContent: words }));
      });
    };

    const go = (criterion) => {
      (chosen(criterion) || levels(criterion)[0]).focus();
      criterion.scrollIntoView({ block: "nearest" });
      last = criterion;
    };
    const nextUnscored = () => {
      const from = criteria.indexOf(last);
      const order = [...criteria.slice(from + 1), ...criteria.slice(0, from + 1)];
      const next = order.find((criterion) => !chosen(criterion));
      if (next) go(next);
      else rubric.querySelector('[name="act"][value="submit"]').focus();
    };
    const score = (level) => {
      level.checked = true;
      level.focus();
      level.dispatchEvent(new Event("input", { bubbles: true }));
      level.dispatchEvent(new Event("change", { bubbles: true }));
    };
    // the digit of a key, whatever layout is on: with a Thai one the row of digits types other signs
    const digit = (event) => {
      if (/^[0-9]$/.test(event.key)) return Number(event.key);
      if (/^[๐-๙]$/.test(event.key)) return event.key.charCodeAt(0) - 0x0e50;
      const key = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
      return key ? Number(key[1]) : -1;
    };

    const tell = () => { add(); lacks(); };
    rubric.addEventListener("change", tell);
    rubric.addEventListener("input", lacks);
    rubric.addEventListener("camein", tell);
    rubric.addEventListener("focusin", (event) => { last = event.target.closest(".criterion") || last; });
    rubric.querySelector("[data-next]").addEventListener("click", (event) => {
      event.preventDefault();
      nextUnscored();
    });

    rubric.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
      if (event.key === "Escape" && event.target.matches("textarea")) {
        event.preventDefault();
        return go(last);
      }
      if (event.target.type !== "radio") return; // typing is left alone
      const criterion = event.target.closest(".criterion");
      const level = levels(criterion)[digit(event)];
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (level) score(level);
      else if (step) {
        const next = criteria[criteria.indexOf(criterion) + step];
        if (next) go(next);
      } else if (event.code === "KeyN") nextUnscored();
      else if (event.code === "KeyC") comment(criterion).focus();
      else return;
      event.preventDefault();
    });
    // back from the evidence, wherever it was followed to
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || rubric.contains(event.target)) return;
      if (event.target.matches("input, select, textarea") || event.isComposing) return;
      go(last);
    });
    tell();

    // Beside the proposal the form ends where the window ends, wherever the page is scrolled to: total and buttons stay
    // in view.
    const side = rubric.closest(".side-rubric");
    const beside = window.matchMedia("(min-width: 62rem)");
    const fit = () => {
      const top = Math.max(8, side.getBoundingClientRect().top);
      side.style.maxHeight = beside.matches ? `${Math.max(440, window.innerHeight - top - 8)}px` : "";
    };
    for (const event of ["scroll", "resize"]) window.addEventListener(event, fit, { passive: true });
    fit();

    // Typed and not saved: ask before leaving. A question to the agency stands outside the form, belongs to it, and is
    // kept in this browser until it was asked.
    let typed = "unsaved" in rubric.dataset;
    const KEY = `dgi-draft:${rubric.dataset.person}:${rubric.action}:question`;
    const question = document.getElementById("question-text");
    rubric.addEventListener("input", () => { typed = true; });
    rubric.addEventListener("saved", () => { typed = false; });
    rubric.addEventListener("submit", (event) => {
      typed = false;
      if (event.submitter?.value === "ask") localStorage.removeItem(KEY);
    });
    window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
    if (question) {
      try {
        question.value ||= localStorage.getItem(KEY) || "";
        question.addEventListener("input", () => localStorage.setItem(KEY, question.value));
      } catch {
        // no store: the page itself still holds the text
      }
    }
  }

  // Scoring is over, and this browser still holds what was typed and never saved: it is shown, to be copied.
  const place = document.querySelector("[data-kept-for]");
  if (place) {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(`dgi-draft:${place.dataset.person}:${new URL(place.dataset.keptFor, location.href)}`));
    } catch {
      kept = null;
    }
    const texts = (kept?.entries || []).filter(([name, text]) => /^(comment-|notes$|reason$)/.test(name) && text.trim());
    for (const [, text] of texts) place.append(Object.assign(document.createElement("p"), { className: "prose", textContent: text }));
    place.hidden = !texts.length;
  }
}
