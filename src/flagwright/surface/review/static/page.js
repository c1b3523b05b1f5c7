// Look at a plan: the switch, the keys, and a word when it was decided elsewhere.
// Decides nothing: that is a form, which works without this file.
"use strict";

const root = document.documentElement;
root.dataset.script = "yes";

const near = new IntersectionObserver(
  (entries) => entries.filter((e) => e.isIntersecting).forEach((e) => arrive(e.target)),
  { rootMargin: "800px" },
);
const far = new IntersectionObserver(
  (entries) => entries.filter((e) => !e.isIntersecting).forEach((e) => leave(e.target)),
  { rootMargin: "5000px" },
);

// Browsers put off collecting what was dropped while there is room, and count no layout for it.
// Memory that is asked for and never touched costs nothing, and makes them do it after some files.
const UNTOUCHED = 8 << 20;

// A part of the page, by its address; a page whose sign-in is over asks for it again.
async function part(place) {
  const answer = await fetch(place);
  if (answer.ok) return answer.text();
  location.reload();
}

async function arrive(file) {
  near.unobserve(file);
  if (file.matches(".waits")) {
    const text = await part(file.dataset.part);
    if (text) replaced(file, text);
  } else if (root.dataset.flag && !file.dataset.asked) {
    file.dataset.asked = "yes";
    file.querySelector(".behaves").innerHTML = await part(file.dataset.behaves);
    file.classList.add("ready");
  }
}

// Of a large plan only what is near is kept: a file that is far away comes again.
function leave(file) {
  const diff = file.querySelector(".diff");
  if (!diff || file.contains(document.activeElement)) return;
  file.style.minHeight = `${file.offsetHeight}px`;
  const fold = document.createElement("p");
  fold.className = "fold";
  fold.append("shown when you get here");
  file.querySelector(".behaves")?.remove();
  diff.replaceWith(fold);
  file.classList.remove("ready");
  file.classList.add("waits");
  near.observe(file);
  new ArrayBuffer(UNTOUCHED);
}

function replaced(file, text) {
  const made = document.createElement("template");
  made.innerHTML = text;
  const shown = made.content.querySelector(".file");
  const hadFocus = document.activeElement === file;
  far.unobserve(file);
  file.replaceWith(shown);
  if (hadFocus) shown.focus({ preventScroll: true });
  watch();
}

function watch() {
  const asks = root.dataset.flag ? ".waits, [data-behaves]" : ".waits";
  document.querySelectorAll(asks).forEach((file) => near.observe(file));
  document.querySelectorAll("[data-large] [data-part]").forEach((file) => far.observe(file));
}

addEventListener("DOMContentLoaded", watch);

function show(side) {
  const files = [...document.querySelectorAll(".file")];
  const first = files.find((file) => file.getBoundingClientRect().bottom > 120);
  const top = first && first.getBoundingClientRect().top;
  root.dataset.flag = side;
  watch();
  if (first && top < 0) first.scrollIntoView();
}

document.addEventListener("change", (event) => {
  if (event.target.name === "flag") show(event.target.value);
});

function choose(name, value) {
  const radio = document.querySelector(`input[name=${name}][value="${value}"]`);
  if (radio) radio.click();
}

function step(by) {
  const files = [...document.querySelectorAll(".file")];
  const at = files.findIndex((file) => file.getBoundingClientRect().bottom > 120);
  const from = at >= 0 && files[at].getBoundingClientRect().top > 120 && by > 0 ? at - 1 : at;
  const next = files[Math.max(0, Math.min(files.length - 1, from + by))];
  if (!next) return;
  next.scrollIntoView();
  next.focus({ preventScroll: true });
}

const keys = {
  1: () => choose("flag", ""),
  2: () => choose("flag", "off"),
  3: () => choose("flag", "on"),
  u: () => choose("sides", document.querySelector("#one").checked ? "two" : "one"),
  n: () => step(1),
  p: () => step(-1),
  d: () => document.querySelector("#note")?.focus(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=radio], [type=checkbox]), textarea");
  const on = document.querySelector("#keys")?.checked ?? true;
  if (typing || !on || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("visibilitychange", async () => {
  const main = document.querySelector("main[data-open=true]");
  if (document.hidden || !main) return;
  const answer = await fetch(main.dataset.state);
  if (!answer.ok || (await answer.json()).state !== main.dataset.is) location.reload();
});

addEventListener("pageshow", (event) => event.persisted && location.reload());
