// Helps whoever asks for a mitigation. Without it the same buttons do the same by way of the server.
"use strict";

const form = document.querySelector("form.asking");
const minutes = form.elements.minutes_before_auto_stop;

function changed(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// A usual duration, and with a chosen method the ones that it allows.
form.addEventListener("click", event => {
  const button = event.target.closest("button[name=lasts]");
  if (!button) return;
  event.preventDefault();
  minutes.value = button.value;
  changed(minutes);
});

function allow() {
  const chosen = form.querySelector("[name=pairing]:checked");
  if (!chosen) return;
  const longest = Number(chosen.dataset.longest) || Infinity;
  minutes.placeholder = `${chosen.dataset.usual} is usual`;
  for (const button of form.querySelectorAll("button[name=lasts]")) {
    button.hidden = longest < Infinity && (Number(button.value) || Infinity) > longest;
  }
}

form.addEventListener("change", allow);
allow();

form.addEventListener("keydown", event => {
  const ask = form.querySelector("button[name=ask]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && ask) {
    event.preventDefault();
    form.requestSubmit(ask);
  }
});

// What is unfolded in the preview stays so while it is renewed.
let unfolded = [];
document.body.addEventListener("htmx:beforeSwap", event => {
  unfolded = [...event.target.querySelectorAll("details[id][open]")].map(each => each.id);
});
document.body.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
});

// What was typed and never sent, kept in this tab for an hour and for this person: a tab that crashed or was left by
// accident brings it back. Nothing is filled in by itself, for the target may be an old one.
const place = `draft ${location.pathname}`;
const whose = form.dataset.draft;
const kept = ["input:not([type=hidden], [type=file], [type=password])", "textarea", "select"].join(", ");

function typed() {
  const fields = [...form.querySelectorAll(kept)].filter(each => each.type !== "radio" || each.checked);
  return Object.fromEntries(fields.map(each => [each.name, each.value]));
}

function keep(sent) {
  sessionStorage.setItem(place, JSON.stringify({ whose, sent, at: Date.now(), fields: typed() }));
}

function draft() {
  const found = JSON.parse(sessionStorage.getItem(place) || "null");
  if (!found) return null;
  // A request that was sent, and after which somebody went on to a new one, has arrived.
  const went = found.sent && performance.getEntriesByType("navigation")[0]?.type === "navigate";
  if (found.whose === whose && !went && Date.now() - found.at < 3_600_000) return found.fields;
  sessionStorage.removeItem(place);
  return null;
}

function bring(fields) {
  for (const each of form.querySelectorAll(kept)) {
    if (each.type === "radio") each.checked = fields[each.name] === each.value;
    else if (each.name in fields) each.value = fields[each.name];
  }
  allow();
  changed(minutes);
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function offer(fields) {
  const notice = document.createElement("p");
  notice.className = "notice mends";
  const what = fields.ip_cidr || fields.targets?.trim().split("\n")[0] || fields.reason || "";
  const words = document.createElement("span");
  words.textContent = what ? `You began a request here and did not send it: ${what.slice(0, 60)}` : "You began a request here and did not send it.";
  const done = act => () => { act(); notice.remove(); form.querySelector("[autofocus]")?.focus(); };
  notice.append(
    words,
    button("Bring it back", done(() => bring(fields))),
    button("Throw it away", done(() => sessionStorage.removeItem(place))),
  );
  form.before(notice);
}

const before = draft();
if (before && form.querySelector("[autofocus]:placeholder-shown, [autofocus]:not([value])") && !typed().reason) offer(before);
form.addEventListener("input", () => keep(false));
form.addEventListener("submit", event => keep(event.submitter?.name === "ask"));
