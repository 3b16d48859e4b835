// Keeps a request that is typed and not sent yet, in this tab, for an hour and for its author: a tab that crashed, or was
// left by accident, brings it back. Nothing is filled in by itself, for the target may be an old one.
"use strict";

const ask = document.querySelector("form[data-draft]");
const FIELDS = "input:not([type=hidden], [type=file], [type=password]), textarea, select";
const HOUR = 3_600_000;

function key() {
  return `draft ${location.pathname}`;
}

function keep(sent) {
  const fields = [...ask.querySelectorAll(FIELDS)].filter(each => each.type !== "radio" || each.checked);
  const typed = Object.fromEntries(fields.map(each => [each.name, each.value]));
  sessionStorage.setItem(key(), JSON.stringify({ by: ask.dataset.draft, sent, at: Date.now(), typed }));
}

function throwAway() {
  sessionStorage.removeItem(key());
}

// One that was sent has arrived when its author went on to a new one, rather than back or by loading anew.
function draft() {
  const found = JSON.parse(sessionStorage.getItem(key()) || "null");
  if (!found) return null;
  const arrived = found.sent && performance.getEntriesByType("navigation")[0]?.type === "navigate";
  if (found.by === ask.dataset.draft && !arrived && Date.now() - found.at < HOUR) return found.typed;
  throwAway();
  return null;
}

function bringBack(typed) {
  for (const each of ask.querySelectorAll(FIELDS)) {
    if (each.type === "radio") each.checked = typed[each.name] === each.value;
    else if (each.name in typed) each.value = typed[each.name];
  }
  ask.dispatchEvent(new Event("change", { bubbles: true }));
}

function offer(typed, first) {
  const notice = document.createElement("p");
  notice.className = "notice mends";
  const words = document.createElement("span");
  const about = (typed[first.name] || typed.reason || "").trim().split("\n")[0].slice(0, 60);
  words.textContent = `You began a request here and did not send it${about && `: ${about}`}`;
  notice.append(words);
  for (const [name, act] of [["Bring it back", () => bringBack(typed)], ["Throw it away", throwAway]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => { act(); notice.remove(); first.focus(); });
    notice.append(button);
  }
  ask.before(notice);
}

if (ask) {
  const first = ask.querySelector("input[autofocus], textarea[autofocus]");
  const found = first && !first.value && !ask.elements.reason.value && draft();
  if (found) offer(found, first);
  ask.addEventListener("input", () => keep(false));
  ask.addEventListener("submit", event => keep(event.submitter?.name === "ask"));
} else {
  // Somebody has signed out: the next one at this screen finds nothing.
  sessionStorage.clear();
}
