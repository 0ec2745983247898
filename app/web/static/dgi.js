// What pages gain from script; every page works without it.
"use strict";

// Errors: go to the summary at once, so that a screen reader starts there.
document.querySelector("[data-focus]")?.focus();

// A form sent twice by an impatient click is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 5000); // the answer may be a file, and this page stay
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Deadlines: counted down by the server's clock, whatever time this machine believes it is. The server stamps a
// request on its arrival; the stamp is set against the moment the request left here, so that the way between never
// adds time. Screen readers hear the moments that matter, once each.
{
  const MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const SAID_AT = [HOUR, 15 * MINUTE, 5 * MINUTE, MINUTE];
  const english = document.documentElement.lang === "en";
  const way = performance.getEntriesByType("navigation")[0];
  const sent = performance.timeOrigin + (way?.requestStart || 0);
  const isKept = way?.type === "back_forward" && !way.transferSize; // a page from the browser's store: an old stamp
  const clocks = [...document.querySelectorAll("[data-deadline]")].map((place) => {
    const { now, opens, closes, until } = place.dataset;
    return {
      place,
      ahead: isKept ? 0 : Date.parse(now) - sent,
      ends: [["upcoming", Date.parse(opens)], ["open", Date.parse(closes)], ["grace", Date.parse(until)], ["closed", Infinity]],
      said: document.getElementById(place.closest("[data-said-in]")?.dataset.saidIn ?? ""),
    };
  });
  let waiting;

  const inWords = (milliseconds) => {
    const whole = Math.floor(milliseconds / 1000);
    const parts = [
      [Math.floor(whole / 86400), "วัน", "day"], [Math.floor(whole / 3600) % 24, "ชั่วโมง", "hour"],
      [Math.floor(whole / 60) % 60, "นาที", "minute"], [whole % 60, "วินาที", "second"],
    ];
    const first = parts.findIndex(([number]) => number > 0);
    const shown = parts.slice(first, first < 0 ? undefined : first + 2);
    const words = shown.map(([number, th, en]) => english ? `${number} ${en}${number === 1 ? "" : "s"}` : `${number} ${th}`);
    return english ? `${words.join(" ")} left` : `เหลือ ${words.join(" ")}`;
  };

  const sayAloud = (clock, phase, left, words) => {
    if (!clock.said || !clock.phase) return;
    if (phase !== clock.phase) {
      clock.said.textContent = words.textContent;
    } else if (phase !== "upcoming" && SAID_AT.some((moment) => clock.left > moment && left <= moment)) {
      const minutes = Math.ceil(left / MINUTE);
      clock.said.textContent = english
        ? `${minutes} minute${minutes === 1 ? "" : "s"} left to file` : `เหลือเวลายื่นอีก ${minutes} นาที`;
    }
  };

  const tick = () => {
    clearTimeout(waiting);
    let next = Infinity;
    for (const clock of clocks) {
      const now = Date.now() + clock.ahead;
      const [phase, end] = clock.ends.find(([, moment]) => now < moment);
      const left = end - now;
      for (const part of clock.place.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== phase;
      const words = clock.place.querySelector(`[data-when="${phase}"]`);
      const counted = words.querySelector("[data-left]");
      if (counted) counted.textContent = inWords(left);
      clock.place.classList.toggle("countdown-soon", phase === "grace" || (phase === "open" && left < DAY));
      sayAloud(clock, phase, left, words);
      Object.assign(clock, { phase, left });
      if (phase !== "closed") next = Math.min(next, (left % (left > HOUR ? MINUTE : 1000)) + 5);
    }
    if (next < Infinity) waiting = setTimeout(tick, next);
  };

  if (clocks.length) {
    document.addEventListener("visibilitychange", tick); // a machine that slept wakes up late
    tick();
  }
}

// Amounts: read out in words, so that a slipped zero is heard, and grouped on leaving the field.
const DIGITS = ["", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า"];
const PLACES = ["", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน"];

function upToMillion(digits, follows) {
  let words = "";
  digits.split("").forEach((digit, i) => {
    const place = digits.length - 1 - i;
    if (digit === "0") return;
    if (place === 1 && digit === "1") words += "สิบ";
    else if (place === 1 && digit === "2") words += "ยี่สิบ";
    else if (place === 0 && digit === "1" && (follows || Number(digits) > 1)) words += "เอ็ด";
    else words += DIGITS[digit] + PLACES[place];
  });
  return words;
}

function inWords(digits) {
  const head = digits.slice(0, -6), tail = digits.slice(-6);
  if (head) return inWords(head) + "ล้าน" + (Number(tail) ? upToMillion(tail, true) : "");
  return Number(tail) ? upToMillion(tail.replace(/^0+/, "")) : "ศูนย์";
}

function readBaht(typed) {
  const plain = typed.replace(/[๐-๙]/g, (d) => d.charCodeAt(0) - 0x0e50).replace(/[\s,]/g, "");
  const parts = /^(\d{1,13})(?:\.(\d{0,2}))?$/.exec(plain);
  return parts && { baht: parts[1].replace(/^0+(?=\d)/, ""), satang: (parts[2] || "").padEnd(2, "0") };
}

// The words follow the typing. They never come or go on leaving the field: a button pressed next would move away
// under the pointer and not hear the press.
for (const field of document.querySelectorAll(".with-unit [data-baht]")) {
  const words = document.createElement("p");
  words.className = "in-words";
  words.lang = "th";
  field.closest(".with-unit").after(words);
  const tell = () => {
    const amount = readBaht(field.value);
    words.textContent = amount
      ? inWords(amount.baht) + "บาท" + (Number(amount.satang) ? inWords(amount.satang.replace(/^0/, "")) + "สตางค์" : "ถ้วน")
      : "";
  };
  field.addEventListener("input", tell);
  tell();
}

document.addEventListener("focusout", ({ target }) => {
  if (!target.matches?.("[data-baht]")) return;
  const amount = readBaht(target.value);
  if (amount) target.value = amount.baht.replace(/\B(?=(\d{3})+$)/g, ",") + "." + amount.satang;
});

// Long texts: how much room is left, once it gets short.
for (const area of document.querySelectorAll("textarea[data-longest]")) {
  const left = document.createElement("p");
  left.className = "hint";
  left.setAttribute("aria-live", "polite");
  area.after(left);
  const english = document.documentElement.lang === "en";
  const tell = () => {
    const room = area.dataset.longest - area.value.length;
    if (room < 0) left.textContent = english ? `${-room} characters too many` : `เกินมา ${-room} ตัวอักษร`;
    else left.textContent = room > area.dataset.longest / 5 ? "" : english ? `${room} characters left` : `เหลืออีก ${room} ตัวอักษร`;
  };
  area.addEventListener("input", tell);
  tell();
}

// Text kept in this browser until it is saved does not stay behind for the next person.
for (const form of document.querySelectorAll('form[action$="/sign-out"]')) {
  form.addEventListener("submit", () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith("dgi-draft:")) localStorage.removeItem(key);
  });
}
