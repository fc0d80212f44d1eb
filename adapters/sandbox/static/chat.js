// Live updates and sending without reloading. Without this script every form still works.
"use strict";

const $ = (id) => document.getElementById(id);
const messages = $("messages");
const composer = document.querySelector(".composer");
const box = $("text");
let mark = ""; // part of the page that answers what was done last
const fresh = new Set(); // parts that changed since then

// -- show the server's updates

function put(slot, part) {
  if (slot.dataset.rev === part.rev) return;
  const focused = slot.contains(document.activeElement) ? document.activeElement.id : "";
  slot.dataset.rev = part.rev;
  slot.innerHTML = part.html;
  fresh.add(slot.id);
  if (focused) ($(focused) || messages).focus({ preventScroll: true });
}

function show(update) {
  const grows = update.order.some((id) => !$(id));
  const follow = grows && isAtEnd() && !isAnswer();
  const parts = new Map(update.parts.map((part) => [part.id, part]));
  for (const id of ["places", "clock"]) if (parts.has(id) && $(id)) put($(id), parts.get(id));
  arrange(update.order, parts);
  if ($("status").textContent !== update.status) $("status").textContent = update.status;
  if (follow) toEnd();
  reveal();
}

function arrange(order, parts) {
  const keep = new Set(order);
  for (const slot of messages.querySelectorAll(".slot")) if (!keep.has(slot.id)) slot.remove();
  let before = messages.firstElementChild;
  for (const id of order) {
    let slot = $(id);
    if (!slot) {
      slot = document.createElement("div");
      slot.className = "slot";
      slot.id = id;
    }
    if (slot !== before) messages.insertBefore(slot, before);
    before = slot.nextElementSibling;
    if (parts.has(id)) put(slot, parts.get(id));
  }
}

// The answer and the update that it announces come in either order: what is shown is the update.
function reveal() {
  const slot = mark && fresh.has(mark) && messages.contains($(mark)) ? $(mark) : null;
  if (!slot) return;
  mark = "";
  if (slot.contains(document.activeElement)) return;
  if (isAnswer()) return tell(slot);
  slot.scrollIntoView({ block: "nearest" });
  const field = slot.querySelector("textarea:not(details textarea)");
  if (field) field.focus();
}

// The same answer again changes nothing on the page.
function revealAnyway(which) {
  if (mark !== which) return;
  fresh.add(which);
  reveal();
}

// A reader who answers a question goes on to the next: confirm without moving the page.
const isAnswer = () => Boolean(document.activeElement.closest(".scale"));

function tell(slot) {
  const heading = slot.querySelector(".card-heading");
  $("told").textContent = heading ? `Only visible to you: ${heading.textContent}` : "";
  $("told").hidden = !heading;
  clearTimeout(tell.later);
  tell.later = setTimeout(() => ($("told").hidden = true), 6000);
}

const scrolls = () => messages.scrollHeight > messages.clientHeight + 1;

function newest() {
  const all = messages.querySelectorAll(".slot:not(:has(.nested))");
  return all[all.length - 1];
}

// The reader sees the end, or the beginning of the newest message: then what comes is followed.
function isAtEnd() {
  if (!scrolls()) return window.innerHeight + window.scrollY > document.body.scrollHeight - 160;
  const frame = messages.getBoundingClientRect();
  const top = newest() ? newest().getBoundingClientRect().top : 0;
  const left = messages.scrollHeight - messages.scrollTop - messages.clientHeight;
  return left < 80 || (top > frame.top - 8 && top < frame.bottom);
}

// The end, but a message taller than the window from its beginning; on a small screen the page itself moves.
function toEnd() {
  if (!newest()) return;
  if (!scrolls()) return newest().scrollIntoView({ block: "start" });
  messages.scrollTop = messages.scrollHeight;
  if (newest().offsetHeight > messages.clientHeight) newest().scrollIntoView({ block: "start" });
}

const stream = new EventSource(document.body.dataset.stream);
stream.onmessage = (event) => show(JSON.parse(event.data));
stream.onopen = () => document.body.classList.remove("offline");
stream.onerror = () => document.body.classList.add("offline");

// -- send the person's forms

async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  const to = (button && button.getAttribute("formaction")) || form.getAttribute("action");
  complain("");
  mark = "";
  fresh.clear();
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(to, { method: "POST", body: fields, headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (!answer.ok) return complain(said.problem);
    mark = said.mark;
    reveal();
    setTimeout(() => revealAnyway(said.mark), 1500);
    if (form === composer) clear();
    if (form.closest("details.own")) form.closest("details.own").open = false;
  } catch {
    complain("The bot can't be reached. Is it running? Your text is still here.");
  } finally {
    form.removeAttribute("aria-busy");
  }
}

function complain(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = !problem;
}

function clear() {
  box.value = "";
  composer.elements.nonce.value = Math.random().toString(36).slice(2) + Date.now().toString(36);
  toEnd();
  box.focus();
}

document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  event.preventDefault();
  if (event.target.getAttribute("aria-busy") !== "true") send(event.target, event.submitter);
});

box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (composer.reportValidity()) composer.requestSubmit($("send"));
});

// -- folding

// On a small screen the boxes beside the chat start folded; the reader's choice is remembered.
const small = window.matchMedia("(max-width: 62rem)").matches;
for (const fold of document.querySelectorAll(".fold")) {
  const kept = small ? `${fold.id}-small` : fold.id;
  fold.open = (localStorage.getItem(kept) || (small ? "closed" : "open")) === "open";
  fold.addEventListener("toggle", () => localStorage.setItem(kept, fold.open ? "open" : "closed"));
}
if (location.hash.length < 2) toEnd();
