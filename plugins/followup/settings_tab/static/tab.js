// Tells what the steps mean while they are typed, and that Play takes a moment.
const form = document.getElementById("chain");
const outlook = document.getElementById("outlook");

form.addEventListener("submit", (event) => {
  const busy = event.submitter?.dataset.busy;
  if (!busy) return;
  document.getElementById("busy").textContent = busy;
  form.setAttribute("aria-busy", "true");
});

let timer;
let asked = 0;
form.addEventListener("input", (event) => {
  if ("free" in event.target.dataset) return;
  clearTimeout(timer);
  timer = setTimeout(compute, 300);
});

async function compute() {
  const mine = ++asked;
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "look");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "outlook" } });
    if (!answer.ok || mine !== asked) return;
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    outlook.replaceChildren(...told.body.childNodes);
  } catch {
    // The next letter asks again.
  }
}
