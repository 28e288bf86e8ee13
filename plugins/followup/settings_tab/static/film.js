// Plays a film while it is made: a clock runs to each moment, and texts come as they are composed.
// Without this script Play shows all of it at once.
const CUT = "\u001e";
const GAP = 1200; // as long as the clock takes to the next moment, however far that is
const READ = 900; // as long as a text stands before the clock goes on
const SLOW = 5000;

const form = document.getElementById("chain");
const busy = document.getElementById("busy");
const screen = document.getElementById("screen");
const still = matchMedia("(prefers-reduced-motion: reduce)");
let latest = null;

form?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.value !== "play" || "whole" in button.dataset || !globalThis.TextDecoderStream) return;
  // Before the guard of unsaved changes hears of it: the page is not left.
  event.preventDefault();
  event.stopImmediatePropagation();
  latest?.close();
  latest = new Film(button);
}, { capture: true });

class Film {
  constructor(button) {
    this.pieces = [];
    this.done = false;
    this.more = signal();
    this.round = 0;
    this.paused = null;
    this.leaving = new AbortController();
    this.record(button);
  }

  close() {
    this.round++;
    this.done = true;
    this.leaving.abort();
    this.more.tell();
  }

  // What arrives is kept, so that it can be played again without asking the model again.
  async record(button) {
    const body = new URLSearchParams(new FormData(form, button));
    busy.textContent = button.dataset.busy;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "film" }, signal: this.leaving.signal });
      if (!answer.ok || answer.redirected) return whole(button);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const found = (rest + part.value).split(CUT);
        rest = found.pop();
        for (const html of found) this.take(html);
      }
      if (!this.pieces.some((each) => each.matches(".sum"))) throw new Error("cut off");
    } catch (error) {
      if (error.name === "AbortError") return;
      this.broken = true;
      if (!this.film) busy.textContent = busy.dataset.broken;
    }
    this.done = true;
    this.more.tell();
  }

  take(html) {
    const piece = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    if (this.film) this.pieces.push(piece);
    else this.open(piece);
    this.more.tell();
  }

  open(film) {
    busy.textContent = "";
    this.film = film;
    this.line = film.querySelector(".timeline");
    this.begun = this.line.children.length;
    this.clock = film.querySelector(".now time");
    screen.replaceChildren(film);
    film.querySelector("h3").focus();
    film.scrollIntoView({ block: "nearest" });
    film.querySelector(".pause").addEventListener("click", (event) => this.pause(event.currentTarget));
    film.querySelector(".replay").addEventListener("click", () => this.play());
    this.play();
  }

  pause(button) {
    if (this.paused) this.paused.tell();
    this.paused = this.paused ? null : signal();
    button.setAttribute("aria-pressed", String(Boolean(this.paused)));
  }

  async play() {
    const round = ++this.round;
    const over = () => round !== this.round;
    while (this.line.children.length > this.begun) this.line.lastElementChild.remove();
    this.film.querySelector(".sum")?.remove();
    if (this.paused) this.pause(this.film.querySelector(".pause"));
    let now = Number(this.film.dataset.start);
    for (let n = 0; ; n++) {
      const piece = (await this.piece(n))?.cloneNode(true);
      if (over()) return;
      if (!piece) break;
      const at = Number(piece.dataset.at ?? now);
      if (!(await this.run(now, at, over))) return;
      now = at;
      this.line.querySelector(".coming")?.remove();
      if (piece.matches(".sum")) this.film.append(piece);
      else this.line.append(piece);
      if (!still.matches) piece.scrollIntoView({ block: "nearest", behavior: "smooth" });
      if (piece.matches(".reminder") && !(await this.run(now, now, over, READ))) return;
    }
    busy.textContent = this.broken ? busy.dataset.broken : "";
  }

  // The piece of that number, as soon as it is there; a model that is slow is told of.
  async piece(n) {
    let spent = 0;
    const told = setInterval(() => {
      spent += SLOW / 1000;
      const place = this.line.querySelector(".coming p:last-child") ?? busy;
      place.textContent = busy.dataset.slow.replace("{}", spent);
    }, SLOW);
    while (!this.pieces[n] && !this.done) await this.more.wait();
    clearInterval(told);
    if (!this.broken) busy.textContent = "";
    return this.pieces[n];
  }

  // The clock runs from one moment to another; false if the film was begun anew meanwhile.
  async run(from, to, over, length = GAP) {
    let spent = still.matches || (from === to && length === GAP) ? length : 0;
    for (let last = performance.now(); spent < length; ) {
      if (this.paused) await this.paused.wait();
      const frame = await new Promise(requestAnimationFrame);
      if (over()) return false;
      // A hidden page has no frames: what passed meanwhile does not count.
      spent += this.paused ? 0 : Math.min(frame - last, 100);
      last = frame;
      this.show(from + (to - from) * Math.min(1, spent / length));
    }
    this.show(to);
    return !over();
  }

  show(moment) {
    this.format ??= new Intl.DateTimeFormat(document.documentElement.lang, {
      ...{ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
      ...{ hourCycle: "h23", numberingSystem: "latn", timeZone: this.clock.dataset.zone },
    });
    const part = {};
    for (const { type, value } of this.format.formatToParts(moment)) part[type] = value;
    // As the server writes it.
    this.clock.textContent = `${part.weekday} ${part.day} ${part.month} ${part.hour}:${part.minute}`;
    this.clock.dateTime = new Date(moment).toISOString();
  }
}

// Something that others wait for, and that can be told more than once.
function signal() {
  let waiting = [];
  return {
    wait: () => new Promise((go) => waiting.push(go)),
    tell: () => {
      const all = waiting;
      waiting = [];
      for (const go of all) go();
    },
  };
}

// What is wrong is told by the whole page.
function whole(button) {
  button.dataset.whole = "";
  form.requestSubmit(button);
}
