// Saving by itself. Each change is saved after a second of rest; what the server has not confirmed is kept in this
// browser as well, so that neither a lost session, a lost connection nor a closed page loses a word.

const form = document.querySelector("form[data-autosave]");
const english = document.documentElement.lang === "en";
const say = (th, en) => (english ? en : th);

const REST = 1000; // ms after the last key
const RETRY = [2000, 5000, 10000, 30000]; // ms between attempts while the server is not reached
const KEY = form && `dgi-draft:${form.dataset.person}:${form.action}`;

// the form's own button that saves and stays: the answer to it puts both texts to the person
const SAVES = '[name="go"][value="stay"], [name="act"][value="save"]';

const PAGE = crypto.getRandomValues(new Uint32Array(4)).join("-").slice(0, 40); // this open page, for answers that get lost

const said = form?.querySelector("[data-saved]");
const panel = document.querySelector("[data-panel]");
const field = (name) => form.elements.namedItem(name);

let typed = 0; // counts changes; a save confirms the count it began with
let confirmed = 0;
let timer = 0;
let saving = false;
let failures = 0;
let stopped = false; // a conflict is put to the person, a refusal to be mended: nothing is sent until the next change

const entries = () => [...new FormData(form)].filter(([name, value]) => !["csrf_token", "page", "kept"].includes(name) && typeof value === "string");

function keepHere() {
  const at = Date.now();
  if (field("kept")) field("kept").value = at;
  try {
    localStorage.setItem(KEY, JSON.stringify({ at, entries: entries() }));
  } catch {
    // a full or forbidden store: the page itself still holds the text
  }
}

function tell(text, trouble = false) {
  said.textContent = text;
  said.classList.toggle("trouble", trouble);
}

// ---- saving
function changed() {
  if ("clash" in form.dataset) { // two texts are put to the person: only the button decides
    keepHere();
    tell(say("หน้านี้ยังไม่บันทึกเอง กด “บันทึก” เมื่อเลือกแล้ว", "This page does not save by itself until you press “Save”."));
    return;
  }
  typed += 1;
  stopped = false;
  keepHere();
  clearTimeout(timer);
  timer = setTimeout(save, REST);
}

async function save() {
  clearTimeout(timer);
  if (saving || stopped || typed === confirmed) return;
  saving = true;
  const sent = typed;
  const texts = new Map(entries());
  tell(say("กำลังบันทึก…", "Saving…"));
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new FormData(form), // a third of the bytes of a form address, and quicker to read
      redirect: "manual",
    });
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (json) heard(await answer.json(), sent, texts);
    else if (answer.status === 401 || answer.status === 400 || answer.type === "opaqueredirect") sessionIsGone();
    else if (answer.status === 404 || answer.status === 403) refuse(say("บันทึกไม่ได้ เพราะท่านไม่มีสิทธิ์แก้ไขส่วนนี้แล้ว ข้อความยังอยู่ในหน้านี้", "Not saved: you may no longer change this section. The text is still on this page."));
    else if (answer.status === 413) refuse(say("บันทึกไม่ได้ เพราะข้อความใหญ่เกินไป", "Not saved: the text is too large."));
    else notReached();
  } catch {
    notReached();
  } finally {
    saving = false;
  }
  if (!stopped && typed !== sent) timer = setTimeout(save, REST);
}

function heard(answer, sent, texts) {
  failures = 0;
  back();
  if (answer.state === "saved") {
    // The version goes with what stands in this form: where another person's change cannot be shown here, the earlier
    // version stays, and the next save is brought together with theirs again.
    if (bringIn(answer, texts)) {
      field("version").value = answer.version;
      if ("seen" in answer) field("seen").value = answer.seen; // the texts the next save is brought together from
    }
    confirmed = sent;
    if (typed === confirmed) {
      localStorage.removeItem(KEY);
      form.dispatchEvent(new Event("saved"));
    }
    marks(answer.problems);
    if (panel && "panel" in answer) panel.innerHTML = answer.panel; // markup of our own templates, from our own server
    tell(answer.problems.length ? answer.said + " · " + say(`มี ${answer.problems.length} ช่องที่ยังต้องแก้`, `still to be mended: ${answer.problems.length}`) : answer.said);
  } else if (answer.state === "conflict") {
    stopped = true;
    tell(answer.said, true);
    banner(answer.said, say("เทียบและเลือก", "Compare and choose"), () => form.requestSubmit(form.querySelector(SAVES)));
  } else {
    marks(answer.problems || []);
    refuse(answer.said + (answer.problems?.length ? ": " + answer.problems.map((p) => p.text).join(" · ") : ""));
  }
}

function refuse(text) {
  stopped = true;
  tell(text, true);
}

function notReached() {
  const wait = RETRY[Math.min(failures, RETRY.length - 1)];
  failures += 1;
  tell(say("ติดต่อระบบไม่ได้ ข้อความยังอยู่ในหน้านี้ ระบบจะลองบันทึกใหม่เอง", "The server is not reached. Your text is still on this page; it will be saved when the server answers."), true);
  timer = setTimeout(save, wait);
}

// ---- changes of other fields: other people's, or from another page of one's own
function bringIn(answer, texts) {
  if (!answer.merged) return true;
  const places = Object.entries(answer.fields).map(([place, text]) => [here(place), text]);
  const fits = !answer.reload && places.every(([name]) => field(name) && textOf(field(name)) === (texts.get(name) ?? ""));
  if (!fits) {
    banner(answer.merged, say("แสดงฉบับล่าสุด", "Show the latest"), () => location.reload());
    return false;
  }
  for (const [name, text] of places) {
    for (const node of nodesOf(field(name))) {
      if (node.type === "radio") node.checked = node.value === text;
      else node.value = text;
      node.classList.add("came-in");
    }
  }
  form.dispatchEvent(new Event("camein"));
  banner(answer.merged);
  return true;
}

const nodesOf = (found) => (found instanceof RadioNodeList ? [...found] : [found]);
const textOf = (found) => found.value;

// The server counts rows without those left blank; this is where a place of its counting stands on this page.
function here(place) {
  const parts = /^([a-z]+)-(\d+)-(\w+)$/.exec(place);
  const list = parts && form.querySelector(`[data-rows="${parts[1]}"]`);
  if (!list) return place;
  const filled = [...list.querySelectorAll("[data-row]")].map((row, i) => [row, i + 1]).filter(([row]) =>
    [...row.querySelectorAll("input, select, textarea")].some((node) => node.value.trim() && !("keep" in node.dataset)));
  const found = filled[Number(parts[2]) - 1];
  return found ? `${parts[1]}-${found[1]}-${parts[3]}` : place;
}

// ---- what cannot be read, at its field
function marks(problems) {
  for (const note of form.querySelectorAll('.error[id$="-error"]')) {
    const node = document.getElementById(note.id.slice(0, -"-error".length));
    note.remove();
    if (!node) continue;
    node.removeAttribute("aria-invalid");
    const left = (node.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== note.id);
    if (left.length) node.setAttribute("aria-describedby", left.join(" "));
    else node.removeAttribute("aria-describedby");
    node.closest(".field-wrong")?.classList.remove("field-wrong");
  }
  for (const problem of problems) {
    const place = here(problem.place);
    const node = document.getElementById(place);
    if (!node) continue;
    const note = document.createElement("p");
    note.className = "error";
    note.id = `${place}-error`;
    note.textContent = problem.text;
    node.setAttribute("aria-invalid", "true");
    node.setAttribute("aria-describedby", [node.getAttribute("aria-describedby"), note.id].filter(Boolean).join(" "));
    (node.closest(".with-unit") || node).after(note);
  }
}

// ---- a banner that stays until it is answered
let shown = null;

function banner(text, label = "", act = null) {
  back();
  shown = document.createElement("div");
  shown.className = "gone";
  shown.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = text;
  shown.append(words);
  if (label) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-primary";
    button.textContent = label;
    button.addEventListener("click", act);
    shown.append(button);
  }
  form.before(shown);
  return shown;
}

function back() {
  shown?.remove();
  shown = null;
}

// ---- a session that ended: the text stays, and is filed after signing in again in another tab
let waiting = 0;

function sessionIsGone() {
  tell(say("ยังไม่ได้บันทึก เพราะท่านออกจากระบบแล้ว", "Not saved: you are no longer signed in."), true);
  if (!shown?.querySelector("a")) {
    const box = banner(say("ท่านไม่ได้อยู่ในระบบแล้ว ข้อความทั้งหมดยังอยู่ในหน้านี้ เข้าสู่ระบบในแท็บใหม่ แล้วหน้านี้จะบันทึกต่อเอง", "You are no longer signed in. Everything you typed is still on this page. Sign in in a new tab, and this page saves by itself."));
    const link = document.createElement("a");
    link.className = "btn btn-primary";
    link.href = form.dataset.signIn;
    link.target = "_blank";
    link.textContent = say("เข้าสู่ระบบในแท็บใหม่", "Sign in in a new tab");
    box.append(link);
  }
  clearInterval(waiting);
  waiting = setInterval(signedInAgain, 3000);
}

async function signedInAgain() {
  if (!waiting) return;
  try {
    const answer = await fetch(form.dataset.session, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("application/json")) return;
    const { person, csrf } = await answer.json();
    if (String(person) !== form.dataset.person) {
      shown.firstChild.textContent = say("ผู้ที่เข้าสู่ระบบในขณะนี้เป็นคนอื่น ข้อความของท่านยังอยู่ในหน้านี้และยังไม่ถูกบันทึก กรุณาเข้าสู่ระบบด้วยบัญชีเดิม", "Somebody else is signed in now. Your text is still on this page and is not saved. Sign in with the same account.");
      return;
    }
    clearInterval(waiting);
    waiting = 0;
    for (const input of document.querySelectorAll('[name="csrf_token"]')) input.value = csrf;
    back();
    save();
  } catch {
    // the server does not answer: the next round asks again
  }
}

// ---- a page that was closed before its text was saved
function offerKept() {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(KEY));
  } catch {
    localStorage.removeItem(KEY);
  }
  if (!kept || "unsaved" in form.dataset) return;
  if (String(kept.at) === form.dataset.heard) return localStorage.removeItem(KEY); // sent with the whole form, and saved
  const now = JSON.stringify(entries().filter(([name]) => !["version", "seen"].includes(name)));
  if (JSON.stringify(kept.entries.filter(([name]) => !["version", "seen"].includes(name))) === now) return localStorage.removeItem(KEY);
  const at = new Date(kept.at).toLocaleTimeString(english ? "en-GB" : "th-TH", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Bangkok" });
  const box = banner(say(`พบข้อความที่ท่านพิมพ์เมื่อ ${at} น. และยังไม่ได้บันทึก`, `Text you typed at ${at} was not saved.`), say("นำกลับมา", "Bring it back"), () => {
    const again = document.createElement("form");
    again.method = "post";
    again.action = form.action;
    again.hidden = true;
    const add = (name, value) => {
      const area = document.createElement("textarea");
      area.name = name;
      area.value = value;
      again.append(area);
    };
    kept.entries.forEach(([name, value]) => name !== "go" && add(name, value));
    add("csrf_token", field("csrf_token").value);
    add("look", "1");
    document.body.append(again);
    again.submit();
  });
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "btn btn-outline-primary";
  drop.textContent = say("ทิ้ง", "Drop it");
  drop.addEventListener("click", () => {
    localStorage.removeItem(KEY);
    back();
  });
  box.append(" ", drop);
}

if (form) {
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "page", value: PAGE }));
  if ("heard" in form.dataset) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "kept" }));
  for (const hint of document.querySelectorAll("[data-noscript-save]")) {
    hint.textContent = say("ระบบบันทึกให้เองทุกครั้งที่ท่านหยุดพิมพ์", "Everything is saved by itself whenever you pause.");
  }
  const own = (event) => { if (event.target.type !== "search") changed(); };
  form.addEventListener("input", own);
  form.addEventListener("change", (event) => { if (event.target !== form) own(event); });
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) { // the browser would leave for a page of its own that says nothing of the text
      event.preventDefault();
      notReached();
      return;
    }
    stopped = true; // the whole form is on its way
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) stopped = false; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
    else if (waiting) signedInAgain();
  });
  window.addEventListener("online", () => { failures = 0; save(); });
  if ("unsaved" in form.dataset) changed();
  else offerKept();
}
