// Ticks all or none on the page without loading it anew, and keeps empty fields out of the address.
"use strict";

for (const link of document.querySelectorAll("a[data-tick]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    for (const box of document.querySelectorAll('input[name="references"]')) box.checked = link.dataset.tick === "all";
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
