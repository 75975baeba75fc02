// Put into SimCord's page by bot/playground/server.py, ahead of the page's own scripts.
//
// The page drops a press while an earlier one is being answered, and loses one whose button is
// drawn anew between pointer down and pointer up.  Here such presses wait for their turn, and
// redraws wait until nobody holds the pointer down or types.  Becoming somebody else waits, too: what was
// pressed before is theirs who pressed it, and what is typed afterwards is not wiped with the old page.
(() => {
  "use strict";

  const TYPING_MS = 800; // How long after a key somebody still counts as typing.
  const LONGEST_WAIT_MS = 5000;
  const LOOK_MS = 40;
  const STILL_PX = 10; // How far a finger may slide during a press.
  const KEPT_REVISIONS = 8;

  const SEND = "#send-message"; // The page disables it while a press is being answered.
  const PRESSED =
    `article button, #focused-content button, #modal-root button, [role='option'], ${SEND}`;
  const VIEWER = "#viewer-picker";
  const SWITCHING = "switching-viewer"; // A class of the page while somebody else's is on its way.
  const HARMLESS = ".media-lightbox-trigger, .attachment-action";

  // --- What the buttons of the page are ----------------------------------------------------
  // A control key names a place on a message, where another button may stand a moment later; the
  // custom id names the button.

  const revisions = new Map(); // From a published revision to its custom ids by control key.

  function collect(value, found) {
    if (!value || typeof value !== "object") return;
    if (typeof value.control_key === "string" && value.custom_id) {
      found.set(value.control_key, String(value.custom_id));
    }
    for (const child of Object.values(value)) collect(child, found);
  }

  function remember(snapshot) {
    const found = new Map();
    for (const message of Object.values(snapshot.messages || {})) collect(message.components, found);
    revisions.set(snapshot.publishedRevision, found);
    while (revisions.size > KEPT_REVISIONS) revisions.delete(revisions.keys().next().value);
  }

  function controls() {
    return revisions.get(window.simcordPreview.publishedRevision) || new Map();
  }

  const messageOf = (key) => key.split(":", 2).join(":");

  // --- Redraws that wait -------------------------------------------------------------------

  let held = null; // Where the pointer went down, and on which button.
  let typedAt = -Infinity;
  let composing = false;

  const busy = () => held !== null || composing || performance.now() - typedAt < TYPING_MS;
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  async function untilQuiet() {
    const until = performance.now() + LONGEST_WAIT_MS;
    while (busy() && performance.now() < until) await pause(LOOK_MS);
  }

  const plainFetch = window.fetch.bind(window);
  window.fetch = async (resource, options) => {
    const answer = await plainFetch(resource, options);
    if (!answer.ok || !["/api/state", "/api/pages"].includes(resource)) return answer;
    const snapshot = await answer.json();
    await untilQuiet();
    remember(snapshot);
    return { ok: true, status: answer.status, headers: answer.headers, json: async () => snapshot };
  };

  // --- Presses that wait -------------------------------------------------------------------

  const waiting = [];
  let timer = null;

  function blocked() {
    const page = window.simcordPreview;
    if (!page) return false;
    const stale = page.awaitingRevision !== null && page.awaitingRevision > page.publishedRevision;
    return page.pendingAction !== null || stale;
  }

  function pressOf(button) {
    if (button.matches(SEND)) return () => button.form.requestSubmit();
    const key = button.dataset.controlKey || "";
    const customId = controls().get(key);
    if (!customId) return () => button.isConnected && !button.disabled && button.click();
    return () => {
      for (const [candidate, id] of controls()) {
        if (id !== customId || messageOf(candidate) !== messageOf(key)) continue;
        const now = document.querySelector(`button[data-control-key="${CSS.escape(candidate)}"]`);
        if (now && !now.disabled) now.click();
      }
    };
  }

  function wait(press, button) {
    waiting.push(press);
    if (button) button.style.opacity = "0.5"; // Until it is drawn anew.
    timer ??= setInterval(work, LOOK_MS);
  }

  function work() {
    if (waiting.length && !blocked()) waiting.shift()();
    if (waiting.length) return;
    clearInterval(timer);
    timer = null;
  }

  function pressedIn(target) {
    const button = target instanceof Element ? target.closest(PRESSED) : null;
    if (!button || button.matches(HARMLESS)) return null;
    return button.matches(SEND) || !button.disabled ? button : null;
  }

  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  window.addEventListener("click", (event) => {
    // What is pressed from here is not trusted: it had its turn.
    const button = event.isTrusted ? pressedIn(event.target) : null;
    if (!button || !(waiting.length || blocked())) return;
    stop(event);
    wait(pressOf(button), button);
  }, true);

  window.addEventListener("pointerdown", (event) => {
    const button = pressedIn(event.target);
    held = { x: event.clientX, y: event.clientY, button, press: button && pressOf(button) };
  }, true);

  function release(event) {
    const press = held;
    setTimeout(() => { if (held === press) held = null; }); // The click comes first.
    if (!press?.button || event.type !== "pointerup") return;
    const slid = Math.hypot(event.clientX - press.x, event.clientY - press.y);
    // The page moved under a finger that did not, or had disabled the button: no click comes of that.
    const lost = pressedIn(event.target) !== press.button || press.button.disabled;
    if (slid < STILL_PX && lost) wait(press.press, press.button);
  }
  window.addEventListener("pointerup", release, true);
  window.addEventListener("pointercancel", release, true);

  // --- Becoming somebody else --------------------------------------------------------------

  let choosing = false;

  window.addEventListener("change", (event) => {
    const picker = event.target instanceof Element && event.target.closest(VIEWER);
    if (!picker || choosing) return;
    stop(event);
    const chosen = picker.value;
    document.documentElement.classList.add(SWITCHING);
    wait(() => {
      picker.value = chosen; // It may have been drawn anew.
      choosing = true;
      picker.dispatchEvent(new Event("change", { bubbles: true }));
      choosing = false;
    });
    wait(() => document.documentElement.classList.remove(SWITCHING));
  }, true);

  // --- Writing -----------------------------------------------------------------------------

  window.addEventListener("input", () => { typedAt = performance.now(); }, true);
  window.addEventListener("compositionstart", () => { composing = true; }, true);
  window.addEventListener("compositionend", () => { composing = false; }, true);

  const listed = () => document.querySelector(".command-popup:not([hidden]) [aria-selected='true']");

  window.addEventListener("keydown", (event) => {
    const form = event.target instanceof Element && event.target.closest("#channel-composer");
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !form || listed()) return;
    typedAt = -Infinity;
    if (!(waiting.length || blocked())) return;
    stop(event);
    wait(() => form.requestSubmit());
  }, true);

  // Whoever gives a command sees the end of the channel, where its answer comes.
  window.addEventListener("submit", (event) => {
    const timeline = document.querySelector(".channel-timeline");
    if (event.target.closest("#channel-composer") && timeline) timeline.scrollTop = timeline.scrollHeight;
  }, true);
})();
