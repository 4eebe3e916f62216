// Suggestions below the search box. Without this file, or without an answer, the box is a plain form.

const box = document.querySelector("[data-search]");
const panel = document.getElementById("suggestions");

if (box && panel) {
  const said = document.querySelector("[data-suggestions-said]");
  const options = () => [...panel.querySelectorAll("[role=option]")];
  const chosen = () => panel.querySelector("[aria-selected=true]");

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");

  const close = () => {
    panel.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    box.removeAttribute("aria-controls");
  };

  const open = () => {
    const number = options().length;
    if (!number || document.activeElement !== box || !box.value.trim()) return close();
    panel.hidden = false;
    box.setAttribute("aria-expanded", "true");
    box.setAttribute("aria-controls", "suggestion-list");
    box.removeAttribute("aria-activedescendant");
    said.textContent = `${number} suggestion${number === 1 ? "" : "s"}`;
  };

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  };

  panel.addEventListener("htmx:afterSwap", open);
  box.form.addEventListener("submit", close);
  box.form.addEventListener("suggestions:close", close);
  box.addEventListener("focus", open);
  box.addEventListener("blur", () => setTimeout(() => panel.contains(document.activeElement) || close(), 150));

  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) {
      event.preventDefault();
      return close();
    }
    if (panel.hidden) return;
    if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      return location.assign(chosen().href);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = options();
    const place = all.indexOf(chosen()) + step;
    choose(place < 0 ? (chosen() ? null : all.at(-1)) : all[place]);
  });
}

// Results that HTMX put in place of others: told to who listens, and where the keyboard goes on.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "results") return;
  const results = document.getElementById("results");
  const told = document.querySelector("[data-results-said]");
  if (told) told.textContent = results.dataset.said;
  if (document.activeElement !== box) results.focus({ preventScroll: true });
  box?.form.dispatchEvent(new CustomEvent("suggestions:close"));
});
