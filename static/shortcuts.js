// Single keys that lead to pages: each goes to the field, or clicks the link, that carries it in `data-keys`.
// It is only there for people who have not switched shortcuts off.
"use strict";

{
  const dialog = document.getElementById("shortcuts");
  const all = () => [...document.querySelectorAll("[data-keys]")];
  let begun = "";
  let soon;

  // Wherever a link to the same page stands, it tells its key to assistive technology.
  for (const { href, dataset: { keys } } of dialog.querySelectorAll("a[data-keys]")) {
    for (const link of document.links) if (keys.length === 1 && link.href === href) link.setAttribute("aria-keyshortcuts", keys);
  }

  function follow(found, keys) {
    if (keys === "?") return dialog.open ? dialog.close() : dialog.showModal();
    dialog.close();
    // A field in a menu that is folded cannot be typed into: the link leads to the page that has one.
    if (!found.select || !found.checkVisibility()) return dialog.querySelector(`[data-keys="${keys}"]`).click();
    found.focus();
    found.select();
  }

  function press(event) {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    if (document.querySelector("dialog[open]:not(#shortcuts)")) return;
    const keys = `${begun}${event.key}`;
    const found = all().find((each) => each.dataset.keys === keys);
    begun = all().some((each) => each.dataset.keys.startsWith(`${keys} `)) ? `${keys} ` : "";
    clearTimeout(soon);
    soon = setTimeout(() => { begun = ""; }, 1500);
    if (!found) return;
    event.preventDefault();
    follow(found, keys);
  }

  document.addEventListener("keydown", press);
}
