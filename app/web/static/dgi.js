// What pages gain from script; every page works without it.
"use strict";

// Errors: go to the summary at once, so that a screen reader starts there.
document.querySelector("[data-focus]")?.focus();

// A form sent twice by an impatient click is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
