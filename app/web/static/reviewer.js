// Scoring with the keyboard, and the running total; the form works without any of it.
"use strict";

const rubric = document.querySelector("[data-rubric]");
if (rubric) {
  const criteria = [...rubric.querySelectorAll(".criterion")];
  const levels = (criterion) => [...criterion.querySelectorAll('input[type="radio"]')];
  rubric.querySelector(".keys").hidden = false;

  // Weight in percent x level x 25 is hundredths of a point: the server's own sum.
  const add = () => {
    const given = criteria
      .map((criterion) => [criterion, levels(criterion).find((level) => level.checked)])
      .filter(([, level]) => level);
    const total = given.reduce((sum, [c, level]) => sum + Number(c.dataset.weight) * Number(level.value) * 25, 0);
    rubric.querySelector("[data-total]").textContent = `${Math.floor(total / 100)}.${String(total % 100).padStart(2, "0")}`;
    rubric.querySelector("[data-given]").textContent = given.length;
  };

  const go = (criterion) => {
    const choices = levels(criterion);
    (choices.find((level) => level.checked) || choices[0]).focus();
    criterion.scrollIntoView({ block: "nearest" });
  };

  let changed = false;
  rubric.addEventListener("change", add);
  // the question to the agency stands outside the form and belongs to it
  document.addEventListener("input", (event) => { if (event.target.form === rubric) changed = true; });
  rubric.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

  rubric.addEventListener("keydown", (event) => {
    if (event.target.type !== "radio" || event.altKey || event.ctrlKey || event.metaKey) return;
    const criterion = event.target.closest(".criterion");
    const level = levels(criterion)[Number(event.key)];
    if (/^[0-9]$/.test(event.key) && level) {
      event.preventDefault();
      level.checked = true;
      level.focus();
      level.dispatchEvent(new Event("input", { bubbles: true }));
      level.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      const next = criteria[criteria.indexOf(criterion) + (event.key === "ArrowRight" ? 1 : -1)];
      if (next) go(next);
    }
  });
  add();
}
