// The explorer's map. Without this file the page is the list, whose links change its address; here they change it without a reload.

{
  const root = document.querySelector("[data-explorer]");
  const frame = document.getElementById("explorer-map");
  const said = root.querySelector("[data-said]");
  const part = (name) => document.getElementById(`explorer-${name}`);
  const isStill = matchMedia("(prefers-reduced-motion: reduce)");
  const isDark = matchMedia("(prefers-color-scheme: dark)");
  const isWide = matchMedia("(min-width: 56rem)");
  const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  // The kinds differ by shape and not by colour alone. How far a point is outside the shape of radius r around the origin; how much
  // larger a shape is made than the circle that it lies in, to look as large.
  const SHAPES = {
    person: "length(p) - r",
    work: "max(p.x, p.y) - 0.707 * r",
    topic: "0.707 * (p.x + p.y - r)",
    institution: "max(p.y, 0.866 * p.x + 0.5 * p.y) - 0.866 * r",
  };
  const CROWD = 600; // nodes; of more, labels keep off each other only
  const widths = new Map(); // of labels, in pixels
  const ROOM = { person: 1, work: 0.95, topic: 1.25, institution: 1.1 };
  let sigma;
  let graph;
  let drawn; // the graph part of the address that the map shows, and which places of its nodes
  let cursor = "";
  let near = new Set();
  let names = []; // the labels of a frame, until it is known which of them find room
  let tries = 0;
  let turns = 0;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const asked = (name) => new URLSearchParams(location.search).get(name) ?? "";

  /** A turn of the page: until it is done the map is of another address and says that it is busy. Only the newest turn ends that. */
  const busily = async (work) => {
    const turn = ++turns;
    frame.setAttribute("aria-busy", "true");
    try {
      await work(() => turn !== turns);
    } finally {
      if (turn === turns) frame.removeAttribute("aria-busy");
    }
  };

  /** Bring the page to an address: only the parts that an address decides are replaced. */
  const go = (href, { push = true } = {}) => busily((isLate) => turnTo(href, push, isLate));
  const turnTo = async (href, push, isLate) => {
    const focused = document.activeElement;
    const id = focused?.id;
    const words = focused?.matches("a[data-go]") ? focused.textContent : "";
    let page;
    try {
      const answer = await fetch(href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return isLate() || location.assign(href);
    }
    if (isLate()) return; // something else was asked for meanwhile
    if (push) history.pushState(null, "", href);
    for (const fresh of page.querySelectorAll("[data-part]")) {
      const adopted = document.importNode(fresh, true);
      document.getElementById(fresh.id).replaceWith(adopted);
      htmx.process(adopted);
    }
    if (document.activeElement === document.body) {
      const again = id ? document.getElementById(id) : [...root.querySelectorAll("a[data-go]")].find((one) => one.textContent === words);
      again?.focus({ preventScroll: true });
    }
    await show(isLate);
    if (isLate()) return;
    lookAgain();
    const title = part("panel").querySelector("h2")?.textContent;
    if (title && push && !isWide.matches) part("panel").scrollIntoView({ block: "nearest", behavior: isStill.matches ? "auto" : "smooth" });
    say(title ? `${title} chosen` : part("list").querySelector(".slice-coverage")?.textContent ?? "");
  };
  /** Slices that workers are still building are looked for again: at once, then ever later, ten times. */
  const lookAgain = () => {
    if (!root.querySelector("[data-building]")) return (tries = 0);
    if (tries++ < 10) setTimeout(() => root.querySelector("[data-building]") && go(location.href, { push: false }), Math.min(4000, 200 * tries ** 2));
  };
  const say = (text) => {
    said.textContent = text;
  };

  /** The address with these parts changed. */
  const address = (changes) => {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) value ? query.set(name, value) : query.delete(name);
    return `${location.pathname}?${query}`;
  };

  /** Map or list, as the address says; where it does not, the map where there is room for it. */
  const show = async (isLate) => {
    const head = part("head");
    const state = head.dataset.graph;
    const wantsMap = Boolean(state) && (head.dataset.tab ? head.dataset.tab === "map" : isWide.matches);
    root.classList.toggle("has-map", Boolean(state));
    root.classList.toggle("shows-map", wantsMap);
    frame.hidden = !wantsMap;
    for (const tab of head.querySelectorAll(".tabs a")) {
      const isOn = (tab.dataset.name === "map") === wantsMap;
      tab.classList.toggle("is-on", isOn);
      isOn ? tab.setAttribute("aria-current", "page") : tab.removeAttribute("aria-current");
    }
    if (!wantsMap) return;
    const wanted = `${state} ${head.dataset.stamp}`;
    if (wanted !== drawn) {
      const payload = await fetched(`?${state}&format=json`, "json");
      if (isLate()) return;
      if (!payload) return say("The map could not be loaded. The list below has the same.");
      await draw(payload);
      drawn = wanted;
    }
    choose(asked("node").split("~")[0]);
  };

  /** What the site answers, as JSON or text; nothing where it does not. */
  const fetched = async (href, kind) => {
    try {
      const answer = await fetch(href);
      return answer.ok ? await answer[kind]() : undefined;
    } catch {
      return undefined;
    }
  };

  /** Bring out a node and what is tied to it. */
  const choose = (node) => {
    cursor = graph?.hasNode(node) ? node : "";
    near = new Set(cursor ? [cursor, ...graph.neighbors(cursor)] : []);
    const words = plain(asked("find")).split(" ").filter(Boolean);
    if (words.length && !cursor) graph?.forEachNode((one, data) => words.every((word) => plain(data.name).includes(word)) && near.add(one));
    sigma?.refresh({ skipIndexation: true });
  };

  /** The labels of a frame, the largest nodes' first: each where it lies on no other and on no node, or not at all. */
  const write = () => {
    if (!names.length) return;
    const { width, height } = sigma.getDimensions();
    const [{ pen, size, font }] = names;
    const half = size / 2 + 2;
    Object.assign(pen, { font: `${size}px ${font}`, fillStyle: colour("ink"), strokeStyle: colour("surface"), lineWidth: 3, lineJoin: "round" });
    const taken = graph.order > CROWD ? [] : graph.mapNodes((node) => around(sigma.getNodeDisplayData(node)));
    const nodes = taken.length;
    names.sort((a, b) => (b.data.key === cursor) - (a.data.key === cursor) || b.data.size - a.data.size);
    for (const { data } of names) {
      const long = widths.get(data.label) ?? pen.measureText(data.label).width;
      widths.set(data.label, long);
      const gap = data.size + 4;
      if (data.key === cursor) {
        taken.push([data.x, data.y - half, data.x + gap + 1.2 * long, data.y + half]); // written by `hover`, above all others
        continue;
      }
      const [right, left] = [[data.x + gap, data.y - half], [data.x - gap - long, data.y - half]];
      const upright = [[data.x - long / 2, data.y + gap], [data.x - long / 2, data.y - gap - 2 * half]];
      const spots = [...(data.x < width / 2 ? [left, right] : [right, left]), ...upright];
      const free = (boxes) =>
        spots.find(([x, y]) => {
          const box = [x, y, x + long, y + 2 * half];
          const isInside = x >= 0 && y >= 0 && box[2] <= width && box[3] <= height;
          return isInside && !boxes.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
        });
      // What the graph is built around is named even where a node lies below.
      const spot = free(taken) ?? (data.isCentre ? free(taken.slice(nodes)) : undefined);
      if (!spot) continue;
      taken.push([spot[0], spot[1], spot[0] + long, spot[1] + 2 * half]);
      pen.strokeText(data.label, spot[0], spot[1] + half + size / 3);
      pen.fillText(data.label, spot[0], spot[1] + half + size / 3);
    }
  };
  const around = (node) => {
    const { x, y } = sigma.framedGraphToViewport(node);
    const size = sigma.scaleSize(node.size);
    return [x - size, y - size, x + size, y + size];
  };
  /** Sigma draws a label; here it is only noted, since those that come later may matter more. */
  const note = (pen, data, { labelFont, labelSize }) => data.label && names.push({ pen, data, size: labelSize, font: labelFont });

  const draw = (payload) => {
    graph = new graphology.MultiDirectedGraph();
    const centres = new Set(payload.parameters.seeds);
    const spread = Math.max(0.35, Math.min(1, Math.sqrt(150 / Math.max(1, payload.nodes.length))));
    const most = isWide.matches ? 34 : 20; // letters of a label
    const room = Math.max(0.6, Math.min(1, frame.clientWidth / 700));
    for (const { id, label, x, y, size, kind } of payload.nodes) {
      graph.addNode(id, {
        label: label.length > most ? `${label.slice(0, most - 1).trimEnd()}…` : label,
        name: label,
        x,
        y: -y,
        size: Math.max(payload.nodes.length > 600 ? 3 : 4, size * 0.5 * spread) * ROOM[kind] * room,
        type: kind,
        kind,
        isCentre: centres.has(id),
      });
    }
    for (const { source, target, kind, evidence } of payload.edges) {
      graph.addEdge(source, target, { kind, size: 0.5 + 0.4 * Math.min(4, evidence) });
    }
    paint();
    if (sigma) return sigma.setGraph(graph);
    try {
      sigma = new Sigma(graph, frame, settings());
    } catch {
      return drawWithoutWebgl();
    }
    listen();
  };

  /** A colour as it looks, half transparent, over another; WebGL would add their light. */
  const mixed = (ink, ground) => {
    const part = (at) => Math.round(0.45 * parseInt(ink.slice(at, at + 2), 16) + 0.55 * parseInt(ground.slice(at, at + 2), 16));
    return `#${[1, 3, 5].map((at) => part(at).toString(16).padStart(2, "0")).join("")}`;
  };

  /** The colours of the theme, resolved to what a canvas understands. */
  const paint = () => {
    const pen = document.createElement("canvas").getContext("2d");
    const solid = (name) => ((pen.fillStyle = colour(name)), pen.fillStyle);
    const inks = Object.fromEntries(["person", "work", "topic", "institution", "ink", "line", "surface"].map((name) => [name, solid(name)]));
    const soft = { "co-wrote": inks.person, wrote: inks.work, about: inks.topic, affiliated: inks.institution, cites: inks.work };
    graph.forEachNode((node, data) => graph.setNodeAttribute(node, "color", data.isCentre ? inks.ink : inks[data.kind]));
    graph.forEachEdge((edge, data) => graph.setEdgeAttribute(edge, "color", mixed(soft[data.kind], inks.surface)));
    graph.updateAttributes((own) => ({ ...own, line: inks.line, centres: graph.filterNodes((_, data) => data.isCentre).length }));
  };

  /** Sigma's program for circles with another distance in its shader. */
  const shaped = (distance) =>
    class extends Sigma.rendering.NodeCircleProgram {
      getDefinition() {
        const FRAGMENT_SHADER_SOURCE = `
          precision highp float;
          varying vec4 v_color; varying vec2 v_diffVector; varying float v_radius; uniform float u_correctionRatio;
          void main(void) {
            vec2 p = abs(v_diffVector);
            float r = v_radius, border = u_correctionRatio * 2.0, outside = (${distance}) + border;
            #ifdef PICKING_MODE
            gl_FragColor = outside > border ? vec4(0.0) : v_color;
            #else
            gl_FragColor = mix(v_color, vec4(0.0), clamp(outside / border, 0.0, 1.0));
            #endif
          }`;
        return { ...super.getDefinition(), FRAGMENT_SHADER_SOURCE };
      }
    };

  const settings = () => ({
    labelFont: getComputedStyle(document.body).fontFamily,
    labelColor: { color: colour("ink") },
    labelSize: 13, labelRenderedSizeThreshold: 3, labelGridCellSize: 80, labelDensity: 2,
    defaultDrawNodeLabel: note,
    nodeProgramClasses: Object.fromEntries(Object.entries(SHAPES).map(([kind, distance]) => [kind, shaped(distance)])),
    defaultDrawNodeHover: hover,
    zIndex: true,
    stagePadding: isWide.matches ? 90 : 45,
    nodeReducer: (node, data) => {
      if (!near.size) return data.isCentre && graph.getAttribute("centres") <= 12 ? { ...data, forceLabel: true } : data;
      if (near.has(node)) return { ...data, forceLabel: true, highlighted: node === cursor, zIndex: 1 };
      return { ...data, label: "", color: graph.getAttribute("line"), zIndex: 0 };
    },
    edgeReducer: (edge, data) => (near.size && !graph.extremities(edge).includes(cursor) ? { ...data, hidden: true } : data),
  });

  /** The label of what the pointer or the keyboard is on, in the colours of the theme. */
  const hover = (pen, data, { labelFont, labelSize }) => {
    const name = data.name;
    pen.font = `600 ${labelSize}px ${labelFont}`;
    const width = name ? pen.measureText(name).width + 12 : 0;
    pen.beginPath();
    pen.arc(data.x, data.y, data.size + 4, 0, 2 * Math.PI);
    Object.assign(pen, { lineWidth: 2, strokeStyle: colour("ink"), fillStyle: colour("surface") });
    pen.stroke();
    if (!width) return;
    pen.fillRect(data.x + data.size + 4, data.y - labelSize / 2 - 4, width, labelSize + 8);
    pen.fillStyle = colour("ink");
    pen.fillText(name, data.x + data.size + 10, data.y + labelSize / 3);
  };

  const listen = () => {
    let dragged, hasMoved;
    sigma.on("beforeRender", () => (names = []));
    sigma.on("afterRender", write);
    sigma.on("clickNode", ({ node }) => hasMoved || go(address({ node })));
    sigma.on("clickStage", () => asked("node") && go(address({ node: "" })));
    sigma.on("doubleClickNode", (event) => {
      event.preventSigmaDefault();
      expand(event.node);
    });
    sigma.on("downNode", ({ node }) => ([dragged, hasMoved] = [node, false]));
    sigma.on("moveBody", ({ event }) => {
      if (!dragged) return;
      hasMoved = true;
      const { x, y } = sigma.viewportToGraph(event);
      graph.mergeNodeAttributes(dragged, { x, y });
      event.preventSigmaDefault();
      event.original.preventDefault();
    });
    sigma.on("upNode", () => dragged && hasMoved && pin(dragged));
    for (const type of ["upNode", "upStage"]) sigma.on(type, () => (dragged = undefined));
  };

  /** A node that was dragged is pinned where it was left: in hundredths of the plane, as the address holds it. */
  const pin = (node) => {
    const query = new URLSearchParams(location.search);
    const others = query.getAll("pin").filter((one) => !one.startsWith(`${node}@`));
    const { x, y } = graph.getNodeAttributes(node);
    query.delete("pin");
    for (const one of [...others, `${node}@${Math.round(100 * x)},${Math.round(-100 * y)}`]) query.append("pin", one);
    go(`?${query}`);
  };

  const expand = (node) => {
    const query = new URLSearchParams(location.search);
    if ([...query.getAll("seed"), ...query.getAll("open")].includes(node)) return;
    query.append("open", node);
    go(`?${query}`);
  };

  /** Without WebGL the same graph as a drawing, each node of which is a link. */
  const drawWithoutWebgl = async () => {
    sigma = { setGraph: drawWithoutWebgl, refresh: () => {} };
    const query = new URLSearchParams(location.search);
    query.set("part", "drawing");
    const turn = turns;
    const drawing = await fetched(`?${query}`, "text");
    if (turn !== turns) return;
    if (!drawing) return say("The map could not be loaded. The list below has the same.");
    frame.innerHTML = drawing;
    frame.removeAttribute("role");
    frame.removeAttribute("tabindex");
    frame.removeAttribute("aria-label");
    root.classList.add("is-drawing");
  };

  /** Arrow keys walk along connections, the one most in that direction first. */
  const walk = (way) => {
    const from = cursor || graph.findNode((_, data) => data.isCentre);
    if (!from) return;
    const { x, y } = graph.getNodeAttributes(from);
    let best = cursor ? "" : from;
    let most = 0.2;
    if (cursor) {
      graph.forEachNeighbor(from, (node, data) => {
        const [along, across] = [data.x - x, y - data.y];
        const turn = (along * way[0] + across * way[1]) / (Math.hypot(along, across) || 1);
        if (turn > most) [best, most] = [node, turn];
      });
    }
    if (!best) return say("Nothing is tied that way");
    choose(best);
    const { name, kind } = graph.getNodeAttributes(best);
    say(`${name}, ${kind}, ${graph.degree(best)} connections`);
    const place = sigma.getNodeDisplayData(best);
    if (place) sigma.getCamera().animate({ x: place.x, y: place.y }, { duration: isStill.matches ? 0 : 150 });
  };

  frame.addEventListener("keydown", (event) => {
    if (!graph || root.classList.contains("is-drawing") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (WAYS[event.key]) walk(WAYS[event.key]);
    else if (event.key === "Enter" && cursor) go(address({ node: cursor }));
    else if (event.key === "+" && cursor) expand(cursor);
    else if (event.key === "Escape") asked("node") ? go(address({ node: "" })) : (choose(""), say("Nothing chosen"));
    else return;
    event.preventDefault();
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const box = document.querySelector("[data-find]");
      if (event.key !== "/" || !box || event.target.closest("input, textarea, select")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      box.focus();
    },
    true,
  );
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-go]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(link.getAttribute("href")); // in a drawing `href` is no text
  });
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-go-form]")) return;
    event.preventDefault();
    const query = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
    go(`?${query}`);
  });
  addEventListener("popstate", () => go(location.href, { push: false }));
  isDark.addEventListener("change", () => graph && (paint(), sigma.setSetting?.("labelColor", { color: colour("ink") })));
  isWide.addEventListener("change", () => {
    const turn = turns; // a turn under way goes on
    show(() => turn !== turns);
  });
  busily(show).then(lookAgain);
}
