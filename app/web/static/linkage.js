// Looking at a box, by pointer or keyboard, lifts its lines and what they lead to out of the others. Without this
// script the picture says the same.
"use strict";
for (const ladder of document.querySelectorAll("svg.ladder")) {
  const lit = () => ladder.querySelectorAll(".lit");
  const rest = () => {
    ladder.classList.remove("looking");
    for (const e of lit()) e.classList.remove("lit");
  };
  const look = (event) => {
    const box = event.target.closest("[data-k]");
    rest();
    if (!box) return;
    ladder.classList.add("looking");
    box.classList.add("lit");
    const key = box.dataset.k;
    for (const line of ladder.querySelectorAll(`[data-a="${key}"], [data-b="${key}"]`)) {
      line.classList.add("lit");
      const other = line.dataset.a === key ? line.dataset.b : line.dataset.a;
      ladder.querySelector(`[data-k="${other}"]`)?.classList.add("lit");
    }
  };
  ladder.addEventListener("pointerover", look);
  ladder.addEventListener("focusin", look);
  ladder.addEventListener("pointerleave", rest);
  ladder.addEventListener("focusout", rest);
}
