// Small conveniences. Every page works without this file.

const SEARCH_KEY = "/";

/** "/" moves to the search box, unless somebody is typing. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== SEARCH_KEY || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector("[data-search]");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

/** A share link hands the page's address to the device, or copies it and says so. */
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-share]");
  if (!link) return;
  event.preventDefault();
  const said = link.parentElement.querySelector("[data-share-said]");
  try {
    if (navigator.share) {
      await navigator.share({ title: link.dataset.share, url: link.href });
      return;
    }
    await navigator.clipboard.writeText(link.href);
    said.textContent = "Address copied";
  } catch (error) {
    if (error.name !== "AbortError") said.textContent = link.href;
  }
});

/** Escape and a click elsewhere close an open menu or explanation. */
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open], details.aside[open]")) {
    if (menu !== except) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu, details.aside")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open], details.aside[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

/** What HTMX could not do goes the plain way, where the browser or the site says what is wrong. */
for (const type of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(type, ({ detail: { elt } }) => {
    if (elt.matches("form")) HTMLFormElement.prototype.submit.call(elt);
    else if (elt.matches("a[href]")) location.assign(elt.href);
  });
}

/** Whoever asks a list for more goes on reading where the new entries begin. */
let place = null;
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig } }) => {
  const entry = requestConfig.elt.closest("li.more");
  if (!entry?.contains(document.activeElement)) return;
  place = { list: entry.parentElement, at: [...entry.parentElement.children].indexOf(entry) };
});
document.addEventListener("htmx:afterSettle", () => {
  place?.list.children[place.at]?.querySelector("a[href], button")?.focus({ preventScroll: true });
  place = null;
});

/** Results that HTMX put in place of others: told to who listens, and where the keyboard goes on. */
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "results") return;
  const box = document.querySelector("[data-search]");
  const results = document.getElementById("results");
  const told = document.querySelector("[data-results-said]");
  if (told) told.textContent = results.dataset.said;
  if (document.activeElement !== box) results.focus({ preventScroll: true });
  box?.form.dispatchEvent(new CustomEvent("suggestions:close"));
});
