// A box with suggestions below it, that HTMX fetches: with arrow keys, Enter and Escape, told to who listens. Without this file, or without
// an answer, a box is a plain field. A suggestion leads to its address, or, where it has a name and a slug, fills the box and the field
// beside it.

for (const field of document.querySelectorAll("[data-combobox]")) {
  const box = field.querySelector("input[hx-get]");
  const panel = field.querySelector(".suggestions");
  const said = field.querySelector("[role=status]");
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
    box.setAttribute("aria-controls", panel.firstElementChild.id);
    box.removeAttribute("aria-activedescendant");
    said.textContent = `${number} suggestion${number === 1 ? "" : "s"}`;
  };

  const mark = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  };

  const fills = (option) => option.dataset.slug;

  const take = (option) => {
    if (!fills(option)) return location.assign(option.href);
    const address = field.querySelector("input[type=hidden]");
    box.value = option.dataset.name;
    address.value = option.dataset.slug;
    address.disabled = false;
    panel.replaceChildren();
    close();
    box.focus();
  };

  panel.addEventListener("htmx:afterSwap", open);
  field.addEventListener("submit", close);
  field.addEventListener("suggestions:close", close);
  box.addEventListener("focus", open);
  box.addEventListener("blur", () => setTimeout(() => panel.contains(document.activeElement) || close(), 150));
  panel.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || !fills(option)) return;
    event.preventDefault();
    take(option);
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) {
      event.preventDefault();
      return close();
    }
    if (panel.hidden) return;
    if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      return take(chosen());
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = options();
    const place = all.indexOf(chosen()) + step;
    mark(place < 0 ? (chosen() ? null : all.at(-1)) : all[place]);
  });
}
