// Keeps a page current while somebody may be looking at it: what carries data-every is told to "look" every so many seconds.
// What is unfolded stays unfolded, whether a part of the page is swapped for that or all of it loaded anew.
// Where the page has a line #fresh, that says when it was last sure, and can make it pause.
"use strict";

(() => {
  const told = new WeakMap();
  const line = document.getElementById("fresh");
  let sure = Date.now(), paused = false, kept = null;

  function due(each, now) {
    if (!told.has(each)) told.set(each, now);
    return now - told.get(each) >= 1000 * each.dataset.every;
  }

  function look(now) {
    for (const each of document.querySelectorAll("[data-every]")) {
      // Whoever marks some words, to copy them, must not lose them.
      if (!due(each, now) || (each.contains(getSelection().anchorNode) && !getSelection().isCollapsed)) continue;
      told.set(each, now);
      htmx.trigger(each, "look");
    }
  }

  function say(now) {
    const age = Math.round((now - sure) / 1000);
    const lost = !paused && !document.hidden && age > 20;
    line.classList.toggle("lost", lost);
    const words = lost ? `Not current: no answer for ${age} s` : paused ? `Paused, looked ${age} s ago` : `Current, looked ${age} s ago`;
    line.querySelector(".words").textContent = words;
  }

  function beat() {
    const now = Date.now();
    if (!paused && !document.hidden) look(now);
    if (line) say(now);
  }

  function pause(button) {
    paused = !paused;
    button.setAttribute("aria-pressed", paused);
    beat();
  }

  // One without an ID is known by its words, and by its place among those that have the same.
  function folds() {
    const met = {};
    return [...document.querySelectorAll("main details")].map((each) => {
      const words = each.id || each.firstElementChild.textContent;
      met[words] = (met[words] ?? 0) + 1;
      return [`${words} ${met[words]}`, each];
    });
  }

  function keepFolds() {
    const open = Object.fromEntries(folds().map(([key, each]) => [key, each.open]));
    sessionStorage.setItem("folds", JSON.stringify({ of: location.pathname, open }));
  }

  function bringFoldsBack() {
    const kept = JSON.parse(sessionStorage.getItem("folds") || "{}");
    sessionStorage.removeItem("folds");
    if (kept.of !== location.pathname) return;
    for (const [key, each] of folds()) each.open = kept.open[key] ?? each.open;
  }

  if (line) {
    const button = line.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", () => pause(button));
  }
  // Before the swap: what is swapped away is told nothing any more.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = event.detail, { status } = xhr;
    if (xhr.getResponseHeader("HX-Refresh")) keepFolds();
    if (event.detail.elt.id === "board" && (status === 200 || status === 304)) sure = Date.now();
  });
  // What the swap takes away comes back at the same link.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.shouldSwap) keepFolds();
    const held = document.activeElement;
    kept = event.detail.target.contains(held) ? held.getAttribute("href") : null;
  });
  document.addEventListener("htmx:afterSwap", bringFoldsBack);
  document.addEventListener("htmx:afterSettle", () => {
    const board = document.getElementById("board");
    if (!board) return;
    if (kept) board.querySelector(`a[href="${CSS.escape(kept)}"]`)?.focus();
    const said = document.getElementById("said");
    if (said.textContent !== board.dataset.said) said.textContent = board.dataset.said;
  });
  document.addEventListener("visibilitychange", beat);
  bringFoldsBack();
  setInterval(beat, 1000);
})();
