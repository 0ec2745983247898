// Attachments with script: too large a file is told before it is sent, and a bar shows how far sending is. The answer is
// the very page the server makes without script, put in the place of this one.

const english = document.documentElement.lang === "en";
const say = (th, en) => (english ? en : th);
const MEGABYTE = 1024 * 1024;

function tooLarge(form, files) {
  const large = files.filter((file) => file.size > form.dataset.each * MEGABYTE);
  if (large.length) {
    const names = large.map((file) => `“${file.name}”`).join(", ");
    return say(`${names} ใหญ่เกิน ${form.dataset.each} เมกะไบต์`, `${names}: larger than ${form.dataset.each} megabytes`);
  }
  const all = files.reduce((sum, file) => sum + file.size, 0);
  return all > form.dataset.all * MEGABYTE
    ? say(`รวมกันเกิน ${form.dataset.all} เมกะไบต์ กรุณาแบ่งแนบหลายครั้ง`, `More than ${form.dataset.all} megabytes together; attach them in parts`)
    : "";
}

// One line under the button that says how it goes; a screen reader hears each tenth part.
function teller(form) {
  let line = form.querySelector("[data-sending]");
  if (!line) {
    line = document.createElement("p");
    line.dataset.sending = "";
    line.setAttribute("role", "status");
    form.append(line);
  }
  return (words, isWrong = false) => {
    line.className = isWrong ? "error" : "hint";
    if (line.textContent !== words) line.textContent = words;
  };
}

function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const main = answer.querySelector("main");
  if (!main) return false;
  document.title = answer.title;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  (main.querySelector("[data-focus]") || main).focus();
  scrollTo(0, 0);
  return true;
}

function send(form, tell) {
  const button = form.querySelector("button:not([type=button])");
  const words = button.textContent;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", say("ส่งไปแล้ว", "Sent so far"));
  form.querySelector("[data-sending]").before(bar);
  button.disabled = true;
  button.textContent = say("กำลังส่ง…", "Sending…");
  const stop = (why) => {
    bar.remove();
    button.disabled = false;
    button.textContent = words;
    tell(why, true);
  };
  const request = new XMLHttpRequest();
  request.upload.onprogress = (event) => {
    if (!event.lengthComputable) return;
    bar.value = (100 * event.loaded) / event.total;
    const tenth = Math.floor(bar.value / 10) * 10;
    tell(bar.value < 100 ? say(`ส่งไปแล้ว ${tenth}%`, `${tenth}% sent`) : say("ส่งครบแล้ว กำลังตรวจไฟล์…", "All sent; the files are being checked…"));
  };
  request.onload = () => {
    if (!show(request.responseText)) location.reload();
  };
  request.onerror = () => stop(say("ส่งไม่สำเร็จ เครือข่ายขัดข้อง ไฟล์ยังเลือกไว้อยู่ กดปุ่มเพื่อลองอีกครั้ง", "Sending failed because of the network. The files are still chosen; press the button to try again"));
  request.open("POST", form.action);
  request.send(new FormData(form));
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("form[data-upload]")) return;
    const files = [...form.querySelector("input[type=file]").files];
    if (!files.length) return; // the server says what is missing
    event.preventDefault();
    const tell = teller(form);
    const wrong = tooLarge(form, files);
    if (wrong) tell(wrong, true);
    else send(form, tell);
  },
  true,
);
