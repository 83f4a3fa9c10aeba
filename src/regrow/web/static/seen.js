// Tells the server of this site, and nobody else, that a text was seen and what its reader did with it.
(() => {
  "use strict";
  const script = document.currentScript;
  const { token, address } = script.dataset;
  const text = document.querySelector("[data-text], article .text") || document.querySelector("main");
  if (!token || !address || !text) return;

  const SEEN_MS = 1000, LATER_MS = 500, DEPTH = 0.75;
  const sent = new Set();
  let onScreen = false, readMs = 0, since = 0, timer = 0;

  const send = (kind, value) => {
    if (sent.has(kind)) return;
    sent.add(kind);
    const body = value === undefined ? `${kind} ${token}` : `${kind} ${token} ${value}`;
    if (!(navigator.sendBeacon && navigator.sendBeacon(address, body))) {
      fetch(address, { method: "POST", body, keepalive: true, credentials: "same-origin" }).catch(() => sent.delete(kind));
    }
  };
  const isSeen = () => sent.has("exposure");
  const isLooking = () => onScreen && document.visibilityState === "visible";

  const depth = () => {
    if (!isSeen()) return;
    const box = text.getBoundingClientRect();
    if (box.height > 0 && (window.innerHeight - box.top) / box.height >= DEPTH) send("scroll");
  };
  // What follows comes later, lest it overtakes the exposure without which it does not count.
  const tell = () => { send("exposure"); setTimeout(depth, LATER_MS); };
  const look = () => {
    const now = performance.now();
    if (since) readMs += now - since;
    since = isLooking() ? now : 0;
    clearTimeout(timer);
    if (since && !isSeen()) timer = setTimeout(tell, SEEN_MS);
  };
  const leave = () => {
    look();
    if (isSeen()) send("read", Math.round(readMs / 1000));
  };
  const click = (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href], [data-cta]") : null;
    if (!link || !isSeen() || (event.type === "auxclick" && event.button !== 1)) return;
    if (link.closest("[data-cta]")) send("cta");
    else if (/^https?:$/.test(link.protocol || "") && link.host !== location.host) send("outbound");
  };
  const start = () => {
    if (navigator.webdriver) { send("automated"); return; }
    new IntersectionObserver((seen) => { onScreen = seen[seen.length - 1].isIntersecting; look(); }).observe(text);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" ? leave() : look());
    addEventListener("pagehide", leave);
    addEventListener("scroll", depth, { passive: true });
    document.addEventListener("click", click);
    document.addEventListener("auxclick", click);
  };
  if (document.prerendering) document.addEventListener("prerenderingchange", start, { once: true });
  else start();
})();
