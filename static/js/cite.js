// Citing without leaving the page. Without this file a "Cite" link leads to the page that says the same.

const { styles } = document.currentScript.dataset;
let dialog = null;

/** The one dialog of the page, made when it is first needed. */
const opened = () => {
  if (dialog) return dialog;
  dialog = document.createElement("dialog");
  dialog.className = "cite-dialog";
  dialog.setAttribute("aria-labelledby", "cite-head");
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  document.body.append(dialog);
  return dialog;
};

/** The dialog's styles, which other pages have no need of. */
const dressed = () =>
  new Promise((done) => {
    if (document.querySelector(`link[href="${styles}"]`)) return done();
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: styles, onload: done, onerror: done });
    document.head.append(sheet);
  });

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-cite]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  try {
    const [answer] = await Promise.all([fetch(link.href, { headers: { "HX-Request": "true" } }), dressed()]);
    if (!answer.ok) throw new Error(answer.statusText);
    const box = opened();
    box.innerHTML = await answer.text();
    box.showModal();
  } catch {
    location.assign(link.href);
  }
});

/** One style at a time. */
document.addEventListener("change", (event) => {
  const choice = event.target.closest("[data-cite-style]");
  if (!choice) return;
  for (const text of choice.closest(".cite-box").querySelectorAll(".cite-text")) text.hidden = text.id !== choice.value;
});

/** A copy button copies what is shown beside it, and says so. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = [...button.closest(".cite-box").querySelectorAll(".cite-text")].find((one) => !one.hidden);
  const said = button.parentElement.querySelector("[role=status]");
  try {
    await navigator.clipboard.writeText(text.textContent.trim());
    said.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
    said.textContent = "Marked: copy it with your keyboard";
  }
  setTimeout(() => (said.textContent = ""), 4000);
});

for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;

/** How many works are ticked. */
document.addEventListener("change", (event) => {
  const told = document.querySelector("[data-ticked]");
  if (!told || !event.target.matches("input[form=selection]")) return;
  told.dataset.ticked ||= told.textContent;
  const count = document.querySelectorAll("input[form=selection]:checked").length;
  told.textContent = count ? `${count} work${count === 1 ? "" : "s"} ticked` : told.dataset.ticked;
});
