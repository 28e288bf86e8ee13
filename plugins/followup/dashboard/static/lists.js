// Lists that follow what happens and what is typed; without this script the form and links do it.

const list = document.querySelector("#list");
const form = document.querySelector("form[data-list]");
const live = document.querySelector("#live");
const told = document.querySelector("#told");
const AGAIN = 30_000;
let asking = null;
let soon = 0;
let source = null;

async function show(address, { announce = false } = {}) {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch(address, { headers: { "X-Part": "list" }, signal: mine.signal });
    if (answer.redirected || !answer.ok) {
      // Signed out, or gone: the whole page says it better.
      if (answer.redirected || answer.status < 500) location.assign(address);
      return;
    }
    replace(await answer.text());
    if (announce && told) told.textContent = list.querySelector(".count, .empty")?.textContent ?? "";
  } catch (error) {
    if (error.name !== "AbortError") state(false);
  }
}

function replace(html) {
  const made = new DOMParser().parseFromString(html, "text/html").body;
  const held = list.contains(document.activeElement) ? document.activeElement : null;
  const href = held?.closest("a")?.getAttribute("href");
  const moment = held?.getAttribute("datetime");
  // While somebody reads a moment, or marks text, nothing moves under their hands.
  if (moment || !getSelection().isCollapsed) return;
  list.replaceChildren(...made.childNodes);
  if (href) list.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus();
}

function wanted() {
  const given = new URLSearchParams();
  for (const [key, text] of new FormData(form)) if (text.trim()) given.set(key, text.trim());
  const query = given.toString();
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

function typed({ now = false } = {}) {
  clearTimeout(soon);
  soon = setTimeout(() => {
    const address = wanted();
    if (address === location.pathname + location.search) return;
    // One step back leads to what was shown before the first letter.
    if (history.state?.typed) history.replaceState({ typed: true }, "", address);
    else history.pushState({ typed: true }, "", address);
    show(address, { announce: true });
  }, now ? 0 : 200);
}

function state(on) {
  if (!live) return;
  live.hidden = false;
  live.classList.toggle("off", !on);
  live.textContent = on ? live.dataset.on : live.dataset.off;
}

function follow() {
  if (!list?.dataset.events || source) return;
  source = new EventSource(list.dataset.events);
  source.addEventListener("open", () => state(true));
  source.addEventListener("news", () => show(location.href));
  source.addEventListener("error", () => state(false));
}

function rest() {
  source?.close();
  source = null;
}

if (form) {
  form.addEventListener("input", () => typed());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    typed({ now: true });
  });
  addEventListener("popstate", () => {
    const given = new URLSearchParams(location.search);
    form.elements.q.value = given.get("q") ?? "";
    form.elements.employee.value = given.get("employee") ?? "";
    show(location.href, { announce: true });
  });
}

// Further up: the earlier part is put above, where the eye expects it.
list?.addEventListener("click", async (event) => {
  const link = event.target.closest("a.earlier");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { "X-Part": "list" } });
  if (!answer.ok || answer.redirected) return location.assign(link.href);
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  const line = list.querySelector(".timeline");
  const height = document.documentElement.scrollHeight;
  line.prepend(...made.querySelectorAll(".timeline > li"));
  scrollBy(0, document.documentElement.scrollHeight - height);
  const further = made.querySelector("a.earlier");
  if (further) link.href = further.href;
  else link.parentElement.remove();
  line.firstElementChild?.setAttribute("tabindex", "-1");
  line.firstElementChild?.focus({ preventScroll: true });
  // From now on news do not fold it up again.
  rest();
  if (live) live.hidden = true;
  delete list.dataset.events;
});

if (list?.dataset.events) {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return rest();
    follow();
    if (list.dataset.events) show(location.href);
  });
  setInterval(() => {
    if (!document.hidden && list.dataset.events) show(location.href);
  }, AGAIN);
  addEventListener("pagehide", rest);
  if (!document.hidden) follow();
}
