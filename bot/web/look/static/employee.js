// Keeps what is typed in a form with data-guard from getting lost. Everything works without it.
document.documentElement.classList.add("scripted");

for (const form of document.querySelectorAll("form[data-guard]")) {
  let dirty = "dirty" in form.dataset;
  let leaving = false;
  form.addEventListener("input", (event) => {
    if (!("free" in event.target.dataset)) dirty = true;
  });
  form.addEventListener("submit", () => {
    leaving = true;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("a[data-leave]")) leaving = true;
  });
  // Back from where the form went: it may be left unsaved again.
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
}
