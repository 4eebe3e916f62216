// The number of unread notifications in the header: asked for again while the page is looked at, less and less often.

const FIRST = 60_000;
const LONGEST = 15 * 60_000;

let pause = FIRST;
let timer;

const bell = () => document.getElementById("bell");

const waitAndLook = () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!document.hidden && bell()) window.htmx?.trigger(bell(), "look");
  }, pause);
};

/** An answer like the last one doubles the pause; something new begins anew. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target !== bell()) return;
  const before = bell().dataset.unread;
  const after = /data-unread="(\d+)"/.exec(detail.xhr.responseText)?.[1];
  pause = after !== undefined && after !== before ? FIRST : Math.min(LONGEST, pause * 2);
  waitAndLook();
});

/** No answer doubles it too; nothing is said about it, since nothing was asked. */
for (const type of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(
    type,
    (event) => {
      if (event.detail.elt !== bell()) return;
      event.stopImmediatePropagation();
      pause = Math.min(LONGEST, pause * 2);
      waitAndLook();
    },
    true,
  );
}

/** A page that is looked at again asks when its time has come. */
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && bell()) waitAndLook();
});

if (bell()) waitAndLook();
