// Look at a plan: the switch, the keys, and a word when it was decided elsewhere.
// Decides nothing: that is a form, which works without this file.
"use strict";

const root = document.documentElement;
root.dataset.script = "yes";

const seen = new IntersectionObserver(
  (entries) => entries.filter((e) => e.isIntersecting).forEach((e) => arrive(e.target)),
  { rootMargin: "800px" },
);

// A part of the page, by its address; a page whose sign-in is over asks for it again.
async function part(place) {
  const answer = await fetch(place);
  if (answer.ok) return answer.text();
  location.reload();
}

async function arrive(file) {
  seen.unobserve(file);
  if (file.dataset.part) {
    const text = await part(file.dataset.part);
    if (text) replaced(file, text);
  } else if (root.dataset.flag && !file.dataset.asked) {
    file.dataset.asked = "yes";
    file.querySelector(".behaves").innerHTML = await part(file.dataset.behaves);
    file.classList.add("ready");
  }
}

function replaced(file, text) {
  const made = document.createElement("template");
  made.innerHTML = text;
  const shown = made.content.querySelector(".file");
  const hadFocus = document.activeElement === file;
  file.replaceWith(shown);
  if (hadFocus) shown.focus({ preventScroll: true });
  watch();
}

function watch() {
  const files = root.dataset.flag ? "[data-part], [data-behaves]" : "[data-part]";
  document.querySelectorAll(files).forEach((file) => seen.observe(file));
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
