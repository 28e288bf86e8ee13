/*
 * The chat widget of followup-bot. One script tag is all a page needs:
 *   <script src="https://your.server/widget.js" data-channel="site" async></script>
 * Optional: data-title, data-lang; CSS property --followup-accent on the page's :root.
 *
 * Nothing is built, nothing else is loaded; every text reaches the page as a text node, never as HTML.
 */
(() => {
  "use strict";

  const script = document.currentScript ?? document.querySelector("script[data-channel][src*='widget.js']");
  const channel = script?.dataset.channel;
  if (!channel || window[Symbol.for(`followup-chat ${channel}`)]) return;
  window[Symbol.for(`followup-chat ${channel}`)] = true;

  const SECOND = 1000;
  const SILENCE = 40 * SECOND; // the server's heart beats every 15 s; more silence is a dead line
  const PATIENCE = 25 * SECOND; // how long the dots say that an answer may come
  const HIDDEN = 30 * SECOND; // a tab nobody looks at gives its connection back
  const TRIES = 4;
  const CROWDED = 30; // how often a server that has too much to do is asked again

  // ------------------------------------------------------------------ words

  const CATALOGUE = {
    en: {
      title: "Chat with us", open: "Open chat", close: "Close chat", unread: "Open chat, {n} unread",
      arrived: "{n} new chat messages", ai: "AI assistant", log: "Messages",
      notice: "You are chatting with an AI assistant. It answers here and may write again later.",
      label: "Your message", hint: "Write a message…", send: "Send message", you: "You", them: "AI assistant", human: "A human colleague",
      sending: "Sending…", failed: "Not sent", retry: "Try again", newer: "New messages",
      lost: "Connecting…",
      offline: "You are offline. Messages are sent when you are back.",
      busy: "There were many messages at once. Yours goes out in a moment.",
    },
    de: {
      title: "Schreiben Sie uns", open: "Chat öffnen", close: "Chat schließen", unread: "Chat öffnen, {n} ungelesen",
      arrived: "{n} neue Chat-Nachrichten", ai: "KI-Assistent", log: "Nachrichten",
      notice: "Sie schreiben mit einem KI-Assistenten. Er antwortet hier und meldet sich vielleicht später noch einmal.",
      label: "Ihre Nachricht", hint: "Nachricht schreiben…", send: "Nachricht senden", you: "Sie", them: "KI-Assistent", human: "Ein Mensch aus dem Team",
      sending: "Wird gesendet…", failed: "Nicht gesendet", retry: "Erneut versuchen", newer: "Neue Nachrichten",
      lost: "Verbindung wird aufgebaut…",
      offline: "Sie sind offline. Nachrichten werden gesendet, sobald Sie wieder verbunden sind.",
      busy: "Das waren viele Nachrichten auf einmal. Ihre wird gleich gesendet.",
    },
    ru: {
      title: "Напишите нам", open: "Открыть чат", close: "Закрыть чат", unread: "Открыть чат, непрочитанных: {n}",
      arrived: "Новых сообщений в чате: {n}", ai: "ИИ-ассистент", log: "Сообщения",
      notice: "Вам отвечает ИИ-ассистент. Он пишет здесь и может написать ещё раз позже.",
      label: "Ваше сообщение", hint: "Напишите сообщение…", send: "Отправить сообщение", you: "Вы", them: "ИИ-ассистент", human: "Живой сотрудник",
      sending: "Отправляется…", failed: "Не отправлено", retry: "Повторить", newer: "Новые сообщения",
      lost: "Подключение…",
      offline: "Нет соединения. Сообщения уйдут, когда оно появится.",
      busy: "Сообщений пришло сразу слишком много. Ваше уйдёт через несколько секунд.",
    },
    ar: {
      title: "تحدث معنا", open: "افتح المحادثة", close: "أغلق المحادثة", unread: "افتح المحادثة، غير المقروءة: {n}",
      arrived: "رسائل جديدة في المحادثة: {n}", ai: "مساعد ذكاء اصطناعي", log: "الرسائل",
      notice: "أنت تتحدث مع مساعد ذكاء اصطناعي. يجيب هنا وقد يكتب إليك مرة أخرى لاحقًا.",
      label: "رسالتك", hint: "اكتب رسالة…", send: "أرسل الرسالة", you: "أنت", them: "مساعد ذكاء اصطناعي", human: "زميل من فريقنا",
      sending: "جارٍ الإرسال…", failed: "لم تُرسل", retry: "حاول مرة أخرى", newer: "رسائل جديدة",
      lost: "جارٍ الاتصال…",
      offline: "أنت غير متصل. ستُرسل الرسائل عند عودة الاتصال.",
      busy: "وصلت رسائل كثيرة دفعة واحدة. ستُرسل رسالتك بعد لحظات.",
    },
  };
  const asked = (script.dataset.lang || document.documentElement.lang || "en").toLowerCase();
  const lang = CATALOGUE[asked.split("-")[0]] ? asked.split("-")[0] : "en";
  const words = CATALOGUE[lang];
  const say = (key, n) => words[key].replace("{n}", n);
  // Made once: making a format takes longer than all else about a message.
  const dates = {
    today: new Intl.DateTimeFormat(lang, { hour: "numeric", minute: "2-digit" }),
    other: new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }),
    full: new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" }),
  };
  const direction = () =>
    (!script.dataset.lang && getComputedStyle(document.documentElement).direction) || (lang === "ar" ? "rtl" : "ltr");

  // ------------------------------------------------------------------ memory

  const base = new URL(".", script.src);
  const home = new URL(`web/${encodeURIComponent(channel)}/`, base);

  /** What this browser keeps: token, read position, unsent messages. In memory where storage is blocked. */
  const memory = {
    kept: {},
    key: (name) => `followup ${home.href} ${name}`,
    get(name) {
      try {
        return localStorage.getItem(this.key(name));
      } catch {
        return this.kept[name] ?? null;
      }
    },
    set(name, value) {
      this.kept[name] = value;
      try {
        if (value === null) localStorage.removeItem(this.key(name));
        else localStorage.setItem(this.key(name), value);
      } catch { /* kept in memory */ }
    },
    list(name) {
      try {
        const list = JSON.parse(this.get(name) ?? "[]");
        return Array.isArray(list) ? list : [];
      } catch {
        return [];
      }
    },
  };

  const newId = () =>
    crypto.randomUUID?.() ??
    [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  /** Resolves after a growing, slightly random pause; `wake()` ends all pauses at once. */
  const pauses = new Set();
  const rest = (seconds) =>
    new Promise((resolve) => {
      const done = () => (clearTimeout(timer), pauses.delete(done), resolve());
      const timer = setTimeout(done, seconds * SECOND);
      pauses.add(done);
    });
  const pause = (turn) => rest(Math.min(30, 2 ** turn) * (0.75 + Math.random() / 2));
  const wake = () => pauses.forEach((done) => done());

  // ------------------------------------------------------------------ the server

  /** A refusal that no repetition would change. */
  class Refused extends Error {
    constructor(status) {
      super(`refused with status ${status}`);
      this.status = status;
    }
  }

  /** Too much at once; the server says after how many seconds it would take more. */
  class Busy extends Error {
    constructor(seconds) {
      super(`busy for ${seconds} s`);
      this.seconds = seconds;
    }
  }

  // The clock that the client lives by: reminders can keep to it.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  async function call(path, { body, token, signal = AbortSignal.timeout?.(20 * SECOND), ...headers } = {}) {
    const response = await fetch(new URL(path, home), {
      method: body ? "POST" : "GET",
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body && JSON.stringify(body),
      signal,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    if (response.ok) return response;
    if (response.status === 429) throw new Busy(Math.min(60, Number(response.headers.get("Retry-After")) || 5));
    if (response.status >= 500 || response.status === 408) throw new Error("later");
    throw new Refused(response.status);
  }

  /** The data of each server-sent event; `alive` is called whenever anything arrives, heartbeats too. */
  async function* events(response, alive) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      alive();
      const blocks = (rest + value).split(/\r\n\r\n|\n\n|\r\r/);
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
        if (data.length) yield JSON.parse(data.map((line) => line.slice(5)).join("\n"));
      }
    }
  }

  // ------------------------------------------------------------------ looks

  const STYLE = `
    :host {
      all: initial; --accent: var(--followup-accent, #4b3fd6); --on-accent: #fff;
      --paper: #fff; --ground: #f6f6fa; --ink: #1c1b29; --soft: #636175; --line: #e3e2ec; --bubble: #fff; --bad: #b3261e;
      --shadow: 0 24px 64px -12px #15123b59, 0 4px 16px #15123b1f;
      position: fixed; z-index: 2147483000; color-scheme: light;
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button, textarea { font: inherit; color: inherit; margin: 0; border: 0; background: none; }
    button { cursor: pointer; padding: 0; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; flex: none; }
    .unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

    .launcher {
      position: fixed; inset-block-end: max(20px, env(safe-area-inset-bottom)); inset-inline-end: max(20px, env(safe-area-inset-right));
      width: 60px; height: 60px; border-radius: 50%; display: grid; place-items: center; color: var(--on-accent);
      background: linear-gradient(145deg, color-mix(in srgb, var(--accent) 82%, #fff), var(--accent) 55%);
      box-shadow: 0 10px 28px -6px color-mix(in srgb, var(--accent) 65%, transparent), 0 3px 8px #0003;
      transition: transform .18s ease, box-shadow .18s ease;
    }
    .launcher:hover { transform: translateY(-2px) scale(1.03); }
    .launcher:active { transform: scale(.96); }
    .launcher:focus-visible { outline-offset: 4px; }
    .launcher svg { width: 28px; height: 28px; }
    .badge {
      position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-width: 24px; height: 24px; padding: 0 6px; border-radius: 12px;
      background: #c62033; color: #fff; border: 2px solid var(--paper); font: 700 12px/20px system-ui, sans-serif; text-align: center;
    }

    .panel {
      position: fixed; inset-block-end: 96px; inset-inline-end: 20px; width: 390px; height: min(660px, 100dvh - 116px);
      display: flex; flex-direction: column; overflow: hidden; border-radius: 20px; background: var(--paper); color: var(--ink);
      box-shadow: var(--shadow); border: 1px solid var(--line); animation: rise .22s cubic-bezier(.2, .9, .3, 1.1);
    }
    @keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.98); } }
    header {
      display: flex; align-items: center; gap: 12px; padding: 16px; color: var(--on-accent);
      background: linear-gradient(120deg, var(--accent), color-mix(in srgb, var(--accent) 78%, #000));
    }
    .face { width: 42px; height: 42px; border-radius: 14px; display: grid; place-items: center; background: #ffffff2e; }
    .names { flex: 1; min-width: 0; }
    h2 { margin: 0; font-size: 17px; font-weight: 650; line-height: 1.25; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .names p { margin: 1px 0 0; font-size: 13px; line-height: 1.3; }
    .shut { width: 44px; height: 44px; margin: -6px; border-radius: 12px; display: grid; place-items: center; }
    .shut:hover { background: #ffffff26; }
    .shut:focus-visible { outline-color: var(--on-accent); outline-offset: -4px; }

    .stage { position: relative; flex: 1; min-height: 0; background: var(--ground); }
    .log { height: 100%; overflow-y: auto; overscroll-behavior: contain; padding: 16px 16px 12px; display: flex; flex-direction: column; }
    .log:focus-visible { outline-offset: -3px; }
    .notice { margin: 0 auto 14px; max-width: 300px; text-align: center; font-size: 13px; color: var(--soft); text-wrap: balance; }
    .said { display: flex; flex-direction: column; align-items: flex-start; max-width: 84%; margin-block-start: 10px; }
    .said.client { align-self: flex-end; align-items: flex-end; }
    .employee + .employee, .client + .client { margin-block-start: 6px; }
    .fresh { animation: settle .2s ease-out; }
    @keyframes settle { from { opacity: 0; transform: translateY(8px); } }
    .bubble {
      padding: 9px 13px; border-radius: 18px; border-end-start-radius: 6px; background: var(--bubble); border: 1px solid var(--line);
      white-space: pre-wrap; overflow-wrap: anywhere; max-width: 100%; unicode-bidi: plaintext;
    }
    .client .bubble { border-radius: 18px; border-end-end-radius: 6px; background: var(--accent); color: var(--on-accent); border-color: transparent; }
    .bubble a { color: inherit; text-underline-offset: 2px; }
    .meta { display: flex; gap: 8px; align-items: center; margin: 3px 6px 0; font-size: 12px; line-height: 1.4; color: var(--soft); }
    .failed .meta { color: var(--bad); }
    .retry { text-decoration: underline; text-underline-offset: 2px; font-weight: 600; padding: 6px 4px; margin: -6px -4px; border-radius: 6px; }
    .dots { display: inline-flex; gap: 5px; align-items: center; align-self: flex-start; margin-block-start: 10px; padding: 13px 14px; }
    .dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--soft); animation: blink 1.2s infinite ease-in-out; }
    .dots i:nth-child(2) { animation-delay: .15s; }
    .dots i:nth-child(3) { animation-delay: .3s; }
    @keyframes blink { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; transform: translateY(-2px); } }
    .newer {
      position: absolute; inset-block-end: 12px; inset-inline: 0; margin: auto; width: fit-content; padding: 8px 14px; border-radius: 20px;
      background: var(--ink); color: var(--paper); font-size: 13px; font-weight: 600; box-shadow: 0 6px 18px #0003;
    }

    .state { margin: 0; padding: 8px 16px; font-size: 13px; color: var(--soft); background: var(--paper); border-block-start: 1px solid var(--line); }
    form { display: flex; align-items: flex-end; gap: 8px; padding: 12px; background: var(--paper); border-block-start: 1px solid var(--line); }
    textarea {
      flex: 1; min-width: 0; min-height: 44px; max-height: 132px; padding: 10px 14px; resize: none; border-radius: 22px;
      background: var(--ground); border: 1px solid var(--edge, #8a889b); line-height: 22px;
    }
    textarea::placeholder { color: var(--soft); opacity: 1; }
    textarea:focus-visible { outline-offset: 0; outline-width: 2px; }
    .send { width: 44px; height: 44px; border-radius: 50%; display: grid; place-items: center; background: var(--accent); color: var(--on-accent); transition: opacity .15s; }
    .send[aria-disabled="true"] { opacity: .45; cursor: default; }
    :dir(rtl) > svg.turn { transform: scaleX(-1); }

    @media (max-width: 480px), (max-height: 420px) {
      .panel { inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0; padding: 0 env(safe-area-inset-right) 0 env(safe-area-inset-left); }
      header { padding-block-start: max(14px, env(safe-area-inset-top)); }
      form { padding-block-end: max(12px, env(safe-area-inset-bottom)); }
      textarea { font-size: 16px; }
      .panel:not([hidden]) + .launcher { display: none; }
    }
    @media (prefers-color-scheme: dark) {
      :host {
        color-scheme: dark; --accent: var(--followup-accent, #6a5ff0); --paper: #1b1a24; --ground: #13121a; --ink: #f0eff7; --soft: #a9a7bb;
        --line: #302e3d; --edge: #747287; --bubble: #262433; --bad: #ff9d94; --shadow: 0 24px 64px -12px #000c, 0 0 0 1px #ffffff0d;
      }
      :focus-visible { outline-color: #b3acff; }
    }
    @media (prefers-reduced-motion: reduce) { *, .dots i { animation: none !important; transition: none !important; } }
    @media (forced-colors: active) {
      .bubble, .launcher, .send, .newer, header { border: 1px solid; }
      .client .bubble { border-width: 2px; border-color: currentColor; }
      :focus-visible { outline-color: Highlight; }
    }
    @media print { :host { display: none; } }
  `;

  const ICONS = {
    chat: "M21 11.5a8.5 8.5 0 0 1-12.6 7.4L3 20.5l1.7-5A8.5 8.5 0 1 1 21 11.5z M8.5 11.5h.01 M12.5 11.5h.01 M16.5 11.5h.01",
    down: "M6 9.5l6 6 6-6",
    cross: "M6 6l12 12 M18 6L6 18",
    send: "M4.5 12h14 M12.5 5.5L19 12l-6.5 6.5",
    spark: "M12 3l1.9 5.6a2.4 2.4 0 0 0 1.5 1.5L21 12l-5.6 1.9a2.4 2.4 0 0 0-1.5 1.5L12 21l-1.9-5.6a2.4 2.4 0 0 0-1.5-1.5L3 12l5.6-1.9a2.4 2.4 0 0 0 1.5-1.5z",
  };

  /** An element with attributes (functions are listeners) and children; strings become text nodes. */
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(name, value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  function icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    if (name === "send") svg.setAttribute("class", "turn");
    svg.append(document.createElementNS(space, "path"));
    svg.firstChild.setAttribute("d", ICONS[name]);
    return svg;
  }

  /** The text as nodes: plain, but web addresses can be followed. */
  function linked(text) {
    return text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}])/).map((part, at) =>
      at % 2 ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer nofollow" }, part) : part);
  }

  // ------------------------------------------------------------------ the panel

  /** What people see and touch; it knows nothing of the network. */
  class Panel {
    constructor({ onSend, onRetry, onToggle }) {
      this.onToggle = onToggle;
      this.count = make("span", { class: "badge", "aria-hidden": "true", hidden: true });
      this.launcher = make("button", {
        class: "launcher", type: "button", "aria-expanded": "false", "aria-controls": "panel", "aria-haspopup": "dialog",
        click: () => this.toggle(this.panel.hidden),
      }, icon("chat"), this.count);
      this.log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": say("log"), tabindex: "0" },
        make("p", { class: "notice" }, say("notice")));
      this.dots = make("div", { class: "bubble dots", hidden: true, "aria-hidden": "true" },
        make("i"), make("i"), make("i"));
      this.log.append(this.dots);
      this.newer = make("button", { class: "newer", type: "button", hidden: true, click: () => this.toEnd() }, say("newer"));
      this.state = make("p", { class: "state", role: "status", hidden: true });
      this.field = make("textarea", {
        rows: "1", maxlength: "4000", "aria-label": say("label"), placeholder: say("hint"), dir: direction(), enterkeyhint: "send",
        input: () => this.resize(),
        keydown: (event) => {
          // A key that ends a composition (Japanese, Chinese …) picks a word; it sends nothing.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
          event.preventDefault();
          this.submit();
        },
      });
      this.button = make("button", { class: "send", type: "submit", "aria-label": say("send"), "aria-disabled": "true" }, icon("send"));
      this.panel = make("section", {
        class: "panel", id: "panel", role: "dialog", "aria-labelledby": "title", "aria-describedby": "kind", hidden: true,
        keydown: (event) => event.key === "Escape" && !event.isComposing && (event.stopPropagation(), this.toggle(false)),
      },
      make("header", {},
        make("div", { class: "face" }, icon("spark")),
        make("div", { class: "names" },
          make("h2", { id: "title", dir: "auto" }, script.dataset.title || say("title")),
          make("p", { id: "kind" }, say("ai"))),
        make("button", { class: "shut", type: "button", "aria-label": say("close"), click: () => this.toggle(false) }, icon("cross"))),
      make("div", { class: "stage" }, this.log, this.newer),
      this.state,
      make("form", { submit: (event) => (event.preventDefault(), this.submit()) }, this.field, this.button));
      this.live = make("div", { class: "unseen", role: "status" });
      this.submit = () => {
        const text = this.field.value.trim();
        if (!text) return this.field.focus();
        this.field.value = "";
        this.resize();
        this.field.focus();
        onSend(text);
      };
      this.onRetry = onRetry;
      this.log.addEventListener("scroll", () => this.atEnd() && (this.newer.hidden = true), { passive: true });
      this.mount();
    }

    mount() {
      const host = make("followup-chat", { lang, dir: direction() });
      const root = host.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
      root.append(this.panel, this.launcher, this.live);
      document.body.append(host);
      new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.log);
      this.stuck = true;
      this.unread(0);
    }

    get open() {
      return !this.panel.hidden;
    }

    toggle(open) {
      if (open === this.open) return;
      this.panel.hidden = !open;
      this.launcher.setAttribute("aria-expanded", String(open));
      this.launcher.replaceChild(icon(open ? "down" : "chat"), this.launcher.firstChild);
      this.onToggle(open);
      if (open) {
        this.toEnd();
        this.field.focus();
      } else {
        this.launcher.focus();
      }
    }

    unread(n) {
      const grown = n > (this.shownUnread ?? 0);
      this.shownUnread = n;
      this.count.hidden = !n;
      this.count.textContent = n > 99 ? "99+" : String(n);
      this.launcher.setAttribute("aria-label", this.open ? say("close") : n ? say("unread", n) : say("open"));
      this.live.textContent = grown && !this.open ? say("arrived", n) : "";
    }

    tell(text) {
      if (this.state.textContent !== text) this.state.textContent = text;
      this.state.hidden = !text;
    }

    wait(waiting) {
      if (this.dots.hidden !== waiting) return;
      this.dots.hidden = !waiting;
      if (this.stuck) this.toEnd();
    }

    /** Shows a message, or what became of it; each id once, in the order of numbers. */
    show(message, state = "sent") {
      const key = `${message.from} ${message.id}`;
      const fresh = !this.nodes.has(key);
      const node = this.nodes.get(key) ?? make("div", { class: "said" });
      this.nodes.set(key, node);
      node.n = message.n ?? Infinity;
      node.className = `said ${message.from} ${state}${fresh ? " fresh" : ""}`;
      // Only what changes is built anew: a reader that was told a text is not told it twice.
      if (fresh) {
        node.append(
          make("span", { class: "unseen" }, `${say(message.from === "client" ? "you" : message.human ? "human" : "them")}: `),
          make("div", { class: "bubble", dir: "auto" }, ...(message.from === "client" ? [message.text] : linked(message.text))),
          make("div", { class: "meta" }));
      }
      node.lastChild.replaceChildren(...this.fate(message, state));
      const follow = this.stuck || (fresh && state === "sending");
      this.place(node);
      // Whoever was at the end stays there, whoever reads further up is not moved.
      if (follow) this.toEnd();
      else if (fresh) this.newer.hidden = false;
    }

    fate(message, state) {
      if (state === "sending") return [say("sending")];
      if (state === "failed")
        return [say("failed"), make("button", { class: "retry", type: "button", click: () => (this.field.focus(), this.onRetry(message.id)) }, say("retry"))];
      const at = new Date(message.at);
      const today = at.toDateString() === new Date().toDateString();
      // Readers hear who it is before the text.
      const who = message.human ? [make("span", { class: "human", "aria-hidden": "true" }, say("human"))] : [];
      return [...who, make("time", { datetime: message.at, title: dates.full.format(at) }, dates[today ? "today" : "other"].format(at))];
    }

    place(node) {
      let before = this.dots;
      while (before.previousSibling?.n > node.n) before = before.previousSibling;
      if (node.nextSibling !== before) this.log.insertBefore(node, before);
    }

    clear(keep) {
      for (const [key, node] of this.nodes) if (!keep.has(key)) node.remove(), this.nodes.delete(key);
    }

    nodes = new Map();

    atEnd() {
      return (this.stuck = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60);
    }

    toEnd() {
      this.log.scrollTop = this.log.scrollHeight;
      this.stuck = true;
      this.newer.hidden = true;
    }

    resize() {
      // An empty field counts as left-to-right for "auto", whatever its placeholder says.
      this.field.dir = this.field.value ? "auto" : direction();
      this.field.style.height = "auto";
      this.field.style.height = `${this.field.scrollHeight + 2}px`;
      this.button.setAttribute("aria-disabled", String(!this.field.value.trim()));
    }
  }

  // ------------------------------------------------------------------ the conversation

  /** Keeps panel, browser and server in step. */
  class Conversation {
    constructor() {
      this.panel = new Panel({
        onSend: (text) => this.send(text),
        onRetry: (id) => this.retry(id),
        onToggle: () => this.count(),
      });
      this.last = 0;
      this.numbers = []; // of the employee's messages
      this.unsent = new Map(memory.list("unsent").map((each) => [each.id, { ...each, from: "client" }]));
      this.queue = Promise.resolve();
      this.token = memory.get("token");
      for (const each of this.unsent.values()) this.enqueue(each);
      this.listen();
      addEventListener("online", () => this.back());
      addEventListener("offline", () => this.connected());
      document.addEventListener("visibilitychange", () => this.looked());
      addEventListener("storage", (event) => this.elsewhere(event.key));
      this.connected();
    }

    // -- hearing

    /** Listens for as long as there is a token: first what was missed, then what is said. */
    async listen() {
      if (this.listening || !this.token || this.asleep) return;
      this.listening = true;
      for (this.turn = 0; this.token && !this.asleep; this.turn++) {
        try {
          const line = new AbortController();
          this.line = line;
          await this.follow(line);
        } catch (error) {
          if (error instanceof Refused && (await this.refused(error))) continue;
          if (error instanceof Refused) break;
        }
        this.connected(this.turn > 0);
        if (!this.asleep && !this.hurry) await pause(this.turn);
        this.hurry = false;
      }
      this.listening = false;
    }

    async catchUp(signal) {
      for (let page = []; ; ) {
        const response = await call(`messages?after=${this.last}`, { token: this.token, signal });
        page = (await response.json()).messages;
        page.forEach((message) => this.heard(message));
        this.count();
        if (!page.length) return;
      }
    }

    async follow(line) {
      let timer = 0;
      const alive = () => {
        clearTimeout(timer);
        timer = setTimeout(() => line.abort(), SILENCE);
      };
      try {
        alive();
        await this.catchUp(line.signal);
        alive();
        const response = await call("events", { token: this.token, signal: line.signal, "Last-Event-ID": String(this.last) });
        this.turn = 0;
        this.connected();
        for await (const message of events(response, alive)) this.heard(message), this.count();
      } finally {
        clearTimeout(timer);
      }
    }

    heard(message) {
      if (message.n <= this.last) return;
      this.last = message.n;
      if (message.from === "client") this.forget(message.id);
      else this.numbers.push(message.n), this.await(false);
      this.panel.show(message);
    }

    /** The server does not know the token: perhaps another tab has a newer one, else all starts anew. */
    async refused(error) {
      if (error.status !== 401) return false;
      const newer = memory.get("token");
      if (newer === this.token) memory.set("token", null);
      this.token = newer === this.token ? null : newer;
      this.hurry = this.listening;
      this.line?.abort(); // it still follows the chat of the old token
      this.last = 0;
      this.numbers = [];
      memory.set("read", null);
      this.panel.clear(new Set([...this.unsent.keys()].map((id) => `client ${id}`)));
      this.count();
      return Boolean(this.token);
    }

    // -- speaking

    send(text) {
      const message = { id: newId(), text: text.toWellFormed?.() ?? text, from: "client", at: new Date().toISOString() };
      this.unsent.set(message.id, message);
      this.keep();
      this.enqueue(message);
    }

    retry(id) {
      const message = this.unsent.get(id);
      if (message) this.enqueue(message);
    }

    /** One after the other, so that what was written first is read first. */
    enqueue(message) {
      message.failed = false;
      this.panel.show(message, "sending");
      this.queue = this.queue.then(() => this.unsent.has(message.id) && this.deliver(message));
    }

    async deliver(message) {
      for (let turn = 0, crowded = 0; turn < TRIES; turn++) {
        let busy = null;
        try {
          const token = await this.visitor();
          const body = { id: message.id, text: message.text, zone };
          const stored = await (await call("messages", { token, body })).json();
          this.forget(message.id);
          this.panel.show(stored);
          if (stored.n > this.last) this.await(true);
          this.connected();
          this.listen(); // runs on and on, so it is not waited for
          return;
        } catch (error) {
          if (error instanceof Busy) busy = error;
          // A new visitor is made at the next turn; anything else that is refused stays refused.
          if (error instanceof Refused && (error.status !== 401 || (await this.refused(error), false))) break;
        }
        if (!this.unsent.has(message.id)) return;
        if (busy && crowded++ < CROWDED) {
          this.panel.tell(say("busy"));
          await rest(busy.seconds * (1 + Math.random() / 4));
          turn--; // it is no fault, and counts as none
        } else if (turn + 1 < TRIES) await pause(turn - 1);
      }
      message.failed = true;
      this.panel.show(message, "failed");
    }

    /** The token of this browser; whoever writes first becomes a visitor. */
    async visitor() {
      if (!this.token) {
        const { token } = await (await call("visitors", { body: {} })).json();
        this.token = memory.get("token") ?? token; // another tab may have been faster
        memory.set("token", this.token);
      }
      return this.token;
    }

    forget(id) {
      if (this.unsent.delete(id)) this.keep();
    }

    keep() {
      memory.set("unsent", JSON.stringify([...this.unsent.values()].map(({ id, text, at }) => ({ id, text, at }))));
    }

    // -- being there

    await(waiting) {
      clearTimeout(this.patience);
      this.panel.wait(waiting);
      if (waiting) this.patience = setTimeout(() => this.panel.wait(false), PATIENCE);
    }

    /** What is unread: the employee's, newer than what was on the screen. */
    count() {
      if (this.panel.open && !document.hidden && this.last > Number(memory.get("read"))) memory.set("read", String(this.last));
      const read = Number(memory.get("read"));
      this.panel.unread(this.numbers.filter((n) => n > read).length);
    }

    connected(troubled = false) {
      this.panel.tell(!navigator.onLine ? say("offline") : troubled ? say("lost") : "");
    }

    back() {
      this.connected();
      this.hurry = this.listening;
      this.line?.abort(); // it may be dead without knowing
      wake();
      for (const each of this.unsent.values()) if (each.failed) this.enqueue(each);
      this.listen();
    }

    looked() {
      clearTimeout(this.dozing);
      if (document.hidden) {
        this.dozing = setTimeout(() => ((this.asleep = true), this.line?.abort()), HIDDEN);
      } else {
        this.asleep = false;
        this.count();
        wake();
        this.listen();
      }
    }

    /** Another tab of this browser got a token or read something. */
    elsewhere(key) {
      if (key === memory.key("read")) this.count();
      if (key === memory.key("token") && !this.token) {
        this.token = memory.get("token");
        this.listen();
      }
    }
  }

  if (document.body) new Conversation();
  else addEventListener("DOMContentLoaded", () => new Conversation(), { once: true });
})();
