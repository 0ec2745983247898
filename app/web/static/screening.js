// The screening desk: ticking many, and folded parts that open when something in them is pointed to.
"use strict";

{
  const all = document.querySelector("[data-pick-all]");
  const picks = [...document.querySelectorAll("input[name=pick]")];
  const told = document.querySelector("[data-picked]");
  const only = document.getElementById("scope-picked");
  if (all && picks.length) {
    const english = document.documentElement.lang === "en";
    const tell = () => {
      const number = picks.filter((pick) => pick.checked).length;
      all.checked = number === picks.length;
      all.indeterminate = number > 0 && number < picks.length;
      told.textContent = english ? `(${number})` : `(${number} เรื่อง)`;
    };
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const pick of picks) pick.checked = all.checked;
      only.checked = true;
      tell();
    });
    for (const pick of picks) pick.addEventListener("change", () => { only.checked = true; tell(); });
    window.addEventListener("pageshow", tell);
    tell();
  }
}

// A link to a place inside a folded part opens it; so does an address that names the place.
{
  const open = () => {
    const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place) return;
    for (let part = place.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    place.scrollIntoView();
  };
  window.addEventListener("hashchange", open);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link && link.hash === location.hash) open(); // the same place again: the browser would say nothing changed
  });
  open();
}
