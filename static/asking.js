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
