// The agency desk with script: live sums, rows added in place, lists that depend on each other, agencies found by
// name, and a word before typed text is lost. Every page works without it.

const english = document.documentElement.lang === "en";
const say = (th, en) => (english ? en : th);

// ---- exact amounts: satang as BigInt, as the server counts
const plain = (typed) => typed.replace(/[๐-๙]/g, (d) => d.charCodeAt(0) - 0x0e50).replace(/[\s,]/g, "");

function satang(typed) {
  const parts = /^(\d{1,13})(?:\.(\d{0,2})0*)?$/.exec(plain(typed));
  return parts ? BigInt(parts[1]) * 100n + BigInt((parts[2] || "").padEnd(2, "0")) : 0n;
}

function quantity(typed) {
  const digits = plain(typed);
  return /^\d{1,10}$/.test(digits) ? BigInt(digits) : 0n;
}

function baht(amount) {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  return sign + digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",") + "." + digits.slice(-2);
}

// ---- budget: line totals, what the quarters still lack, sums by agency, category, quarter and year
function addUp(list) {
  const sums = new Map();
  const add = (key, amount) => sums.set(key, (sums.get(key) || 0n) + amount);
  for (const row of list.querySelectorAll("[data-row]")) {
    const field = (name) => row.querySelector(`[name$="-${name}"]`).value;
    const amount = quantity(field("quantity")) * satang(field("unit_price"));
    let quarters = 0n;
    for (const n of [1, 2, 3, 4]) {
      const quarter = satang(field(`q${n}`));
      quarters += quarter;
      add(`q${n}`, quarter);
      add(`later${n}`, satang(field(`later${n}`)));
    }
    add("total", amount);
    add(`agency:${field("agency")}`, amount);
    add(`category:${field("category")}`, amount);
    row.querySelector("[data-line-total]").textContent = baht(amount);
    const gap = row.querySelector("[data-line-gap]");
    const off = quarters !== amount;
    gap.classList.toggle("off", off);
    gap.textContent = !amount && !quarters ? "" : !off
      ? say("สี่ไตรมาสรวมเท่ากับวงเงินแล้ว", "The four quarters equal the amount")
      : quarters < amount
        ? say(`สี่ไตรมาสรวม ${baht(quarters)} ยังขาด ${baht(amount - quarters)} บาท`, `The quarters sum to ${baht(quarters)}: ${baht(amount - quarters)} baht short`)
        : say(`สี่ไตรมาสรวม ${baht(quarters)} เกิน ${baht(quarters - amount)} บาท`, `The quarters sum to ${baht(quarters)}: ${baht(quarters - amount)} baht too much`);
  }
  for (const cell of document.querySelectorAll("[data-sum]")) cell.textContent = baht(sums.get(cell.dataset.sum) || 0n);
}

const lines = document.querySelector('[data-rows="budget"]');
if (lines) {
  for (const hint of document.querySelectorAll("[data-noscript]")) hint.hidden = true;
  lines.addEventListener("input", () => addUp(lines));
  lines.addEventListener("change", () => addUp(lines));
  addUp(lines);
}

// ---- rows: one more at the end, and one taken out
function renumber(list) {
  const prefix = list.dataset.rows;
  const number = new RegExp(`^${prefix}-\\d+-`);
  list.querySelectorAll("[data-row]").forEach((row, i) => {
    for (const node of row.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
      for (const key of ["id", "name", "for", "aria-describedby"]) {
        const value = node.getAttribute(key);
        if (value) node.setAttribute(key, value.replace(number, `${prefix}-${i + 1}-`));
      }
    }
    row.querySelector("[data-number]").textContent = i + 1;
  });
}

function blank(row) {
  for (const field of row.querySelectorAll("input, select, textarea")) {
    if (!("keep" in field.dataset)) field.value = "";
    field.removeAttribute("aria-invalid");
  }
  for (const note of row.querySelectorAll(".error, .in-words")) note.remove();
  for (const wrong of row.querySelectorAll(".field-wrong")) wrong.classList.remove("field-wrong");
}

function addDrop(list, row) {
  if (row.querySelector(".row-drop")) return;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "row-drop";
  drop.textContent = say("ลบ", "Remove");
  drop.addEventListener("click", () => {
    const next = row.nextElementSibling || row.previousElementSibling;
    if (list.querySelectorAll("[data-row]").length === 1) blank(row);
    else row.remove();
    renumber(list);
    list.dispatchEvent(new Event("change", { bubbles: true }));
    next?.querySelector?.(".row-drop")?.focus();
  });
  row.append(drop);
}

for (const list of document.querySelectorAll("[data-rows]")) {
  for (const row of list.querySelectorAll("[data-row]")) addDrop(list, row);
  const more = list.parentElement.querySelector("[data-more]");
  more?.addEventListener("click", (event) => {
    event.preventDefault();
    const rows = list.querySelectorAll("[data-row]");
    if (rows.length >= Number(list.dataset.most)) return;
    const row = rows[rows.length - 1].cloneNode(true);
    row.querySelector(".row-drop")?.remove();
    blank(row);
    rows[rows.length - 1].after(row);
    addDrop(list, row);
    renumber(list);
    list.dispatchEvent(new Event("change", { bubbles: true }));
    row.querySelector("select, input")?.focus();
  });
  if (more) {
    more.textContent = { budget: say("เพิ่มรายการ", "Add a line"), indicators: say("เพิ่มตัวชี้วัด", "Add an indicator") }[list.dataset.rows]
      || say("เพิ่มการเชื่อมโยง", "Add a link");
  }
}

// ---- place in the plan: only what fits the choice above
const plan = document.querySelector("[data-plan]");
if (plan) {
  const tree = JSON.parse(plan.dataset.plan);
  const list = (name) => plan.querySelector(`#plan-${name}`);
  const stage = () => plan.querySelector('[name="plan-stage"]:checked')?.value || "";
  const fill = (select, offered) => {
    const chosen = select.value;
    select.replaceChildren(select.options[0], ...offered.map(([code, name]) => new Option(name, code)));
    select.value = offered.some(([code]) => code === chosen) ? chosen : "";
  };
  const narrow = () => {
    fill(list("guideline"), tree.guidelines.filter(([, , of]) => !stage() || of === stage()));
    const guideline = list("guideline").value;
    plan.querySelector("[data-chosen]").textContent = guideline && list("guideline").selectedOptions[0].textContent;
    fill(list("strategy"), tree.strategies.filter(([, , served]) => !guideline || served.includes(guideline)));
    const strategy = list("strategy").value;
    const areas = tree.focusAreas.filter(([, , of]) => of === strategy);
    fill(list("focus_area"), areas);
    list("focus_area").disabled = !areas.length;
  };
  plan.addEventListener("change", narrow);
  plan.querySelector("[data-look]").hidden = true;
  if (!document.querySelector(".summary")) narrow(); // a refused combination is first shown as it was sent
}

// ---- integration: evidence of the forms that are claimed
const forms = [...document.querySelectorAll('[name="integration-forms"]')];
function showEvidence() {
  for (const box of forms) {
    const part = document.querySelector(`[data-evidence="${box.value}"]`);
    const wrong = part.querySelector("[aria-invalid], .error");
    part.hidden = !box.checked && !wrong;
  }
}
if (forms.length) {
  for (const box of forms) box.addEventListener("change", showEvidence);
  showEvidence();
}

// ---- agencies: find by name, count the chosen
for (const picker of document.querySelectorAll("[data-picker]")) {
  const search = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  search.className = "pick-find";
  input.type = "search";
  input.className = "form-control w-l";
  input.id = `${picker.id}-find`;
  input.autocomplete = "off";
  label.htmlFor = input.id;
  label.textContent = say("ค้นหาชื่อหน่วยงานหรือกระทรวง", "Find an agency or ministry by name");
  search.append(label, input);
  picker.querySelector(".pick-list").before(search);
  const groups = [...picker.querySelectorAll("details")];
  const find = () => {
    const wanted = input.value.trim().toLocaleLowerCase();
    for (const group of groups) {
      const ministry = group.querySelector("summary").textContent.toLocaleLowerCase().includes(wanted);
      let any = false;
      for (const pick of group.querySelectorAll(".pick")) {
        const fits = !wanted || ministry || pick.textContent.toLocaleLowerCase().includes(wanted);
        pick.hidden = !fits;
        any ||= fits;
      }
      group.hidden = !any;
      group.open = wanted ? any : Boolean(group.querySelector(":checked"));
    }
  };
  input.addEventListener("input", find);
  input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  const picked = picker.querySelector("[data-picked]");
  const tell = () => {
    const names = [...picker.querySelectorAll(":checked")].map((box) => box.parentElement.textContent.trim());
    picked.replaceChildren(say("เลือกไว้ ", "Chosen: "), Object.assign(document.createElement("strong"), { textContent: names.length }));
    picked.append(say(" หน่วยงาน", "") + (names.length ? ": " + names.join(", ") : ""));
  };
  picker.addEventListener("change", tell);
  tell();
}

// ---- typed and not saved: ask before leaving
for (const form of document.querySelectorAll("form[data-guard]")) {
  let typed = "unsaved" in form.dataset;
  const note = (event) => { if (event.target.type !== "search") typed = true; };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", () => { typed = false; });
  form.addEventListener("saved", () => { typed = false; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
}

// ---- a link to a field inside something folded opens it
function unfold() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  target.closest("[data-evidence]")?.removeAttribute("hidden");
  target.focus?.();
  target.scrollIntoView({ block: "center" });
}
window.addEventListener("hashchange", unfold);
unfold();
