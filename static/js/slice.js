// The research graph with a pointer and a keyboard. Without this file the map is links, and the list has the same in words.

const NODE = ".slice-svg .node";

/** "person:2v7k0000" of a link to the page of a person, work, topic or institution: what the address of an edge calls its ends. */
const KINDS = { researchers: "person", works: "work", topics: "topic", institutions: "institution" };
const idOf = (node) => {
  const [, kind, slug] = node.getAttribute("href").split("/");
  return `${KINDS[kind]}:${slug?.slice(-8)}`;
};

/** Bring out a node and what is tied to it; with no node, everything. */
const choose = (svg, node) => {
  for (const old of svg.querySelectorAll(".is-near")) old.classList.remove("is-near");
  svg.classList.toggle("has-chosen", Boolean(node));
  if (!node) return;
  node.classList.add("is-near");
  const own = idOf(node);
  const nodes = new Map([...svg.querySelectorAll(".node")].map((one) => [idOf(one), one]));
  for (const link of svg.querySelectorAll(".edges a")) {
    const ends = link.getAttribute("href").split("/").slice(3, 5);
    if (!ends.includes(own)) continue;
    link.firstElementChild.classList.add("is-near");
    nodes.get(ends.find((end) => end !== own))?.classList.add("is-near");
  }
};
for (const type of ["pointerover", "focusin", "pointerout", "focusout"]) {
  document.addEventListener(type, (event) => {
    const node = event.target.closest(NODE);
    if (node) choose(node.ownerSVGElement, !type.endsWith("out") && node);
  });
}

/** One stop for Tab in each map; inside it the arrow keys go to the nearest node that way. */
const prepare = () => {
  for (const node of document.querySelectorAll(NODE)) node.setAttribute("tabindex", node.matches(":first-child") ? 0 : -1);
  for (const slice of document.querySelectorAll(".slice:has(.slice-svg)")) {
    name(slice);
    link(slice);
  }
};
/** What each node is to the centre stands in the list; here it becomes part of the node's title. */
const name = (slice) => {
  const nodes = new Map([...slice.querySelectorAll(".node")].map((node) => [node.getAttribute("href"), node]));
  for (const item of slice.querySelectorAll(".slice-list li")) {
    const [link, words] = item.children;
    const node = words && nodes.get(link.getAttribute("href"));
    if (!node) continue;
    const title = node.querySelector("title") ?? node.appendChild(document.createElementNS(node.namespaceURI, "title"));
    title.textContent = `${link.textContent}: ${words.textContent}`;
  }
};
/** Each line becomes a link to the page of its edge. Where it ends says between which nodes it leads: the address names the last first. */
const link = (slice) => {
  const at = new Map([...slice.querySelectorAll(".node")].map((node) => [node.firstElementChild.getAttribute("d").split(/[Mm]/)[1], idOf(node)]));
  for (const lines of slice.querySelectorAll(".edges > path")) {
    const group = document.createElementNS(lines.namespaceURI, "g");
    group.setAttribute("class", lines.getAttribute("class"));
    for (const way of lines.getAttribute("d").split("M").slice(1)) {
      const [, start, end] = way.match(/^(\S+ \S+?)(?:L|Q\S+ \S+ )(\S+ \S+)$/);
      const edge = group.appendChild(document.createElementNS(lines.namespaceURI, "a"));
      edge.setAttribute("href", `/graph/edges/${at.get(end)}/${at.get(start)}/`);
      edge.setAttribute("tabindex", -1);
      edge.appendChild(document.createElementNS(lines.namespaceURI, "path")).setAttribute("d", `M${way}`);
    }
    lines.replaceWith(group);
  }
};
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const middle = (node) => {
  const box = node.firstElementChild.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
};
document.addEventListener("keydown", (event) => {
  const from = event.target.closest(NODE);
  const way = WAYS[event.key];
  if (!from || !way || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const [x, y] = middle(from);
  let best;
  let least = Infinity;
  for (const node of from.parentNode.children) {
    const [toX, toY] = middle(node);
    const along = (toX - x) * way[0] + (toY - y) * way[1];
    const cost = along + 2 * Math.abs((toX - x) * way[1] + (toY - y) * way[0]);
    if (along > 1 && cost < least && node.checkVisibility()) [best, least] = [node, cost];
  }
  if (!best) return;
  from.setAttribute("tabindex", -1);
  best.setAttribute("tabindex", 0);
  best.focus();
});

/** A map wider than its frame opens on its centre. */
const centre = (event) => {
  const frame = event.target.querySelector?.(":scope > .slice-scroll");
  if (frame) frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
};
document.addEventListener("toggle", centre, true);

/** A page that nobody looks at asks for nothing: its polls wait until it is seen again. */
document.addEventListener("htmx:confirm", (event) => {
  if (!document.hidden || !event.target.matches("[data-poll]")) return;
  event.preventDefault();
  document.addEventListener("visibilitychange", () => event.detail.issueRequest(), { once: true });
});

/** A poll that fails is asked again a few times, ever later; then the slot says so, and the link below it remains. */
const failures = new WeakMap();
const LATER = [2000, 4000, 8000];
for (const type of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(type, ({ detail: { elt } }) => {
    if (!elt.matches("[data-poll]")) return;
    const failed = failures.get(elt) ?? 0;
    failures.set(elt, failed + 1);
    if (failed < LATER.length) {
      setTimeout(() => elt.isConnected && htmx.ajax("GET", elt.getAttribute("hx-get"), { source: elt, swap: "outerHTML" }), LATER[failed]);
      return;
    }
    const said = elt.querySelector(".slice-skeleton [role=status]");
    if (!said) return;
    elt.classList.add("is-unreachable");
    said.innerHTML = '<p class="slice-title">This graph slice could not be loaded</p><p>The site did not answer. The link below opens the graph.</p>';
  });
}

document.addEventListener("htmx:load", prepare);
prepare();
