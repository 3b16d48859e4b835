// Ticks all or none on the page without loading it anew, offers what can be done to what is ticked, and keeps empty fields
// out of the address.
"use strict";

const bar = document.querySelector(".bulky .reach");

function offer() {
  const ticked = [...document.querySelectorAll(".rows :checked")].flatMap((box) => box.dataset.can.split(" "));
  for (const button of bar.children) button.hidden = !ticked.includes(button.dataset.deed);
  bar.hidden = !ticked.length;
}

if (bar) {
  document.addEventListener("change", offer);
  // Going back, a browser ticks once more what was ticked.
  addEventListener("pageshow", offer);
  offer();
}

for (const link of document.querySelectorAll("a[data-tick]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    for (const box of document.querySelectorAll('input[name="references"]')) box.checked = link.dataset.tick === "all";
    if (bar) offer();
  });
}

for (const form of document.querySelectorAll("form.tidy")) {
  form.addEventListener("formdata", (event) => {
    const said = event.formData;
    if (!said.get("target")) said.delete("how");
    if (said.get("sort") === "newest") said.delete("sort");
    const columns = [...form.querySelectorAll('input[name="column"]')];
    if (columns.every((box) => box.checked === ("usual" in box.dataset))) said.delete("column");
    for (const name of new Set(said.keys())) {
      const values = said.getAll(name).filter((value) => value !== "");
      said.delete(name);
      for (const value of values) said.append(name, value);
    }
  });
}
