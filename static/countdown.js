// Keeps every time on the page current: what is left, and how long ago. Without JavaScript the server's words stay.
"use strict";

{
  const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  // By how much this machine's clock is behind the server's, which wrote the page.
  const BEHIND = 1000 * document.currentScript.dataset.now - Date.now() || 0;
  const LIVE = "[role=status], [role=alert], [aria-live]";
  const WORDS = { countdown: left, ago: fromNow };

  function span(seconds) {
    const parts = [];
    for (const [size, unit] of UNITS) {
      const count = Math.floor(seconds / size);
      seconds -= count * size;
      if (count || parts.length) parts.push([count, unit]);
    }
    return parts.slice(0, 2).filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ") || "0 s";
  }

  function left(ahead) {
    return ahead > 0 ? `${span(Math.floor(ahead))} left` : "over";
  }

  // As the server says it: beyond a minute without seconds.
  function fromNow(ahead) {
    const length = Math.floor(Math.abs(ahead));
    if (length < 5) return "just now";
    const said = span(length < 60 ? length : length - (length % 60));
    return ahead < 0 ? `${said} ago` : `in ${said}`;
  }

  function tell(time, words) {
    const said = words((Date.parse(time.dateTime) - Date.now() - BEHIND) / 1000);
    if (time.textContent === said) return;
    // A region that is read out when it changes must not be read out each second.
    if (time.closest(LIVE)) time.ariaLive = "off";
    time.textContent = said;
  }

  function tick() {
    for (const [kind, words] of Object.entries(WORDS)) {
      for (const time of document.querySelectorAll(`time.${kind}`)) tell(time, words);
    }
  }

  setInterval(tick, 1000);
}
