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
    left.textContent = room > area.dataset.longest / 5 ? "" : english ? `${room} characters left` : `เหลืออีก ${room} ตัวอักษร`;
  };
  area.addEventListener("input", tell);
  tell();
}
