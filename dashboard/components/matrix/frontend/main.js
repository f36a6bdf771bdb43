// The similarity matrix: drawn on a canvas, pointed at, clicked, zoomed by a frame, walked with the keyboard, saved.

import { columnAt, NOT_KNOWN } from "./cells.js";
import { arrange, cellsImage, kindOf, legendRoom, nameOf, paint, paintLegend, ramp, svg } from "./paint.js";

const PICTURE = { width: 1000, scale: 3 };
const DRAG = 6;
const drawn = new WeakMap();
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const typed = (text, kind) => (text ? new kind(bytes(text).buffer) : null);
/** Rounded down, so that it never claims more than is known. */
const percent = (share) => (share < 0.9 ? `${Math.floor(100 * share + 1e-6)} %` : `${(Math.floor(1000 * share + 1e-6) / 10).toFixed(1)} %`);
const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
/** Whether a colour, as the browser computes it ("rgb(20, 23, 26)"), is a dark one. */
const isDark = (colour) => {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return 0.3 * red + 0.6 * green + 0.1 * blue < 110;
};

class Matrix {
  constructor(root) {
    this.root = root;
    const add = (tag, className, parent, text) => {
      const made = parent.appendChild(document.createElement(tag));
      if (className) made.className = className;
      if (text) made.textContent = text;
      return made;
    };
    this.board = add("div", "board", root);
    this.board.tabIndex = 0;
    this.board.setAttribute("role", "application");
    this.canvas = add("canvas", "", this.board);
    this.frame = add("div", "drawn", this.board);
    this.card = add("div", "card", this.board);
    this.card.setAttribute("aria-live", "polite");
    this.card.hidden = this.frame.hidden = true;
    const foot = add("div", "foot", root);
    this.ramp = add("span", "ramp", foot);
    this.ramp.setAttribute("role", "img");
    this.hint = add("span", "hint", foot);
    const button = (text, title, act) => {
      const made = add("button", "", foot, text);
      Object.assign(made, { type: "button", title, onclick: act });
      return made;
    };
    this.whole = button("Show all", "Back to the whole matrix; also a double click, or the key 0", () => this.zoom(null));
    button("PNG", "Save the picture as PNG, on white, fit for a paper", () => this.save("png"));
    button("SVG", "Save the picture as SVG, on white, fit for a paper", () => this.save("svg"));
    // Its colour follows the theme, and a transition says when that changes.
    add("i", "probe", root).addEventListener("transitionend", () => this.draw());
    this.listen();
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(root);
  }

  update(data, send, sortBy) {
    Object.assign(this, { send, sortBy });
    const sent = JSON.stringify([data.rows, data.columns, data.by, data.tree.length]);
    const cells = data.similarity + data.shares;
    if (cells !== this.sentCells || sent !== this.sent) {
      const same = this.view && data.rows.ids.join() === this.view.rows.ids.join();
      [this.sentCells, this.sent] = [cells, sent];
      const tree = typed(data.tree, Float32Array);
      const half = tree ? tree.length / 2 : 0;
      this.view = {
        rows: data.rows, columns: data.columns ?? data.rows, scale: data.scale, dark: data.dark,
        by: data.by, similarity: typed(data.similarity, Int8Array), shares: typed(data.shares, Uint8Array),
        decades: data.decades, reach: data.reach, tree: tree && [tree.subarray(0, half), tree.subarray(half)],
        ticks: data.by === "closer" ? data.ticks : [[`−${data.reach}`, 0], ["0", 0.5], [`${data.reach}`, 1]],
        title: data.by === "closer" ? "closer than … % of different-job pairs" : "similarity",
      };
      if (!same) this.window = null;
      this.cursor = null;
    }
    this.view.selected = new Set(data.selected);
    this.view.sortedBy = this.view.columns.ids.indexOf(data.sortedBy);
    const [row, column] = data.picked;
    this.picked = row === undefined ? null : [this.view.rows.ids.indexOf(row), this.view.columns.ids.indexOf(column)];
    const { rows, columns } = this.view;
    this.board.setAttribute("aria-label", `Similarities of ${rows.ids.length} rows and ${columns.ids.length} columns. `
      + "Arrow keys go from cell to cell, Enter opens what stands behind one, S sorts by its column, 0 shows all.");
    this.draw();
  }

  legend(scale) {
    const stops = scale.map(([at, colour]) => `${colour} ${at * 100}%`).join(", ");
    const make = (tag, text, style) => Object.assign(document.createElement(tag), { textContent: text, style });
    const bar = make("i", "", `background: linear-gradient(90deg, ${stops})`);
    bar.append(...this.view.ticks.map(([text, at]) => make("small", text, `left: ${100 * at}%`)));
    this.ramp.replaceChildren(this.view.title, bar);
    this.ramp.setAttribute("aria-label", `Colours: ${this.view.title}, ${this.view.ticks.map(([text]) => text).join(", ")}`);
  }

  get shown() {
    const { rows, columns } = this.view;
    return this.window ?? { r0: 0, r1: rows.ids.length, c0: 0, c1: columns.ids.length };
  }

  draw() {
    const width = Math.floor(this.root.clientWidth);
    if (!this.view || !width) return;
    const style = getComputedStyle(this.root);
    const ink = { text: style.color, quiet: "#8A8A8A", font: style.fontFamily };
    const { view } = this;
    const shades = isDark(style.getPropertyValue("background-color")) ? view.dark : view.scale;
    view.colours = ramp(shades);
    this.legend(shades);
    view.place = arrange(width, this.shown, Boolean(view.tree));
    view.image = cellsImage(view, document);
    const dense = window.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: Math.round(width * dense), height: Math.round(view.place.height * dense) });
    this.canvas.style.height = `${view.place.height}px`;
    const context = this.canvas.getContext("2d");
    context.scale(dense, dense);
    paint(context, view, ink);
    this.outline(context, this.picked, 2, style.color);
    this.outline(context, this.cursor, 1.5, style.getPropertyValue("--st-primary-color") || style.color);
    this.whole.hidden = !this.window;
    this.hint.textContent = "Click a cell to open it, a name below to sort by its column; drag a frame to look closer.";
    this.root.dataset.drawn = `${view.place.n} ${view.place.m}`;
  }

  outline(context, cell, wide, colour) {
    if (!cell) return;
    const { place } = this.view;
    const { r0, r1, c0, c1 } = place.window;
    const [r, c] = cell;
    if (r < r0 || r >= r1 || c < c0 || c >= c1) return;
    const [w, h] = [Math.max(place.cell, 5), Math.max(place.high, 5)];
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.strokeRect(place.left + (c - c0 + 0.5) * place.cell - w / 2, place.top + (r - r0 + 0.5) * place.high - h / 2, w, h);
  }

  /** The cell at a place on the canvas, or null. */
  cellAt(x, y) {
    const { place } = this.view;
    const c = Math.floor((x - place.left) / place.cell) + place.window.c0;
    const r = Math.floor((y - place.top) / place.high) + place.window.r0;
    return r >= place.window.r0 && r < place.window.r1 && c >= place.window.c0 && c < place.window.c1 ? [r, c] : null;
  }

  /** The middle of a cell, from the corner of the board. */
  pixelsOf(row, column) {
    const { place, rows, columns } = this.view;
    const [r, c] = [rows.ids.indexOf(row), columns.ids.indexOf(column)];
    return [place.left + (c - place.window.c0 + 0.5) * place.cell, place.top + (r - place.window.r0 + 0.5) * place.high];
  }

  point(cell) {
    this.card.hidden = !cell;
    if (!cell) return;
    const { place, rows, columns } = this.view;
    const [r, c] = cell;
    const line = (axis, i) => {
      const made = document.createElement("span");
      const said = [axis.kinds[kindOf(axis.ids[i])], axis.families[axis.family[i]]].filter(Boolean).join(", ");
      made.append(nameOf(axis.ids[i]), " ", Object.assign(document.createElement("small"), { textContent: said }));
      return made;
    };
    const numbers = this.numbers(r, c).map((text, n) => Object.assign(document.createElement(n ? "small" : "b"), { textContent: text }));
    this.card.replaceChildren(line(rows, r), line(columns, c), ...numbers);
    const x = place.left + (c - place.window.c0 + 1) * place.cell;
    const y = place.top + (r - place.window.r0) * place.high;
    const left = x + 12 + this.card.offsetWidth > place.width ? x - place.cell - 12 - this.card.offsetWidth : x + 12;
    this.card.style.left = `${Math.max(0, left)}px`;
    this.card.style.top = `${Math.max(0, Math.min(y, place.height - this.card.offsetHeight))}px`;
  }

  /** What is known of a cell, what gives its colour first. */
  numbers(r, c) {
    const { rows, columns, similarity, shares, by, decades } = this.view;
    if (rows.ids[r] === columns.ids[c]) return ["the item itself"];
    const at = r * columns.ids.length + c;
    const said = {};
    if (similarity) said.similarity = `similarity ${(similarity[at] / 100).toFixed(2).replace("-", "−")}`;
    if (shares) said.closer = shares[at] === NOT_KNOWN ? "too few different-job pairs to compare with" : `closer than ${percent(1 - 10 ** ((-decades * shares[at]) / 200))} of different-job pairs`;
    return [said[by], ...Object.entries(said).filter(([name]) => name !== by).map(([, text]) => text)];
  }

  sort(column) {
    this.sortBy(this.view.columns.ids[column]);
  }

  pick(cell) {
    this.picked = cell;
    this.draw();
    this.send([this.view.rows.ids[cell[0]], this.view.columns.ids[cell[1]]]);
  }

  zoom(part) {
    this.window = part;
    this.cursor = null;
    this.draw();
    this.point(null);
  }

  listen() {
    const at = (event) => {
      const box = this.canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    this.canvas.addEventListener("click", (event) => {
      const column = columnAt(this.view, ...at(event));
      if (column >= 0) this.sort(column);
    });
    this.canvas.addEventListener("pointerdown", (event) => (this.from = event.button === 0 ? at(event) : null));
    this.canvas.addEventListener("pointermove", (event) => {
      const [x, y] = at(event);
      const dragged = this.from && event.pointerType !== "touch" && Math.hypot(x - this.from[0], y - this.from[1]) > DRAG;
      this.frame.hidden = !dragged;
      if (dragged) {
        const [x0, y0] = this.from;
        Object.assign(this.frame.style, { left: `${Math.min(x, x0)}px`, top: `${Math.min(y, y0)}px`, width: `${Math.abs(x - x0)}px`, height: `${Math.abs(y - y0)}px` });
      }
      this.point(dragged ? null : this.cellAt(x, y));
      const column = columnAt(this.view, x, y);
      this.canvas.style.cursor = column >= 0 ? "pointer" : "";
      this.canvas.title = column >= 0 ? `Sort the rows by ${nameOf(this.view.columns.ids[column])}` : "";
    });
    this.canvas.addEventListener("pointerup", (event) => {
      const framed = !this.frame.hidden;
      this.frame.hidden = true;
      const [from, to] = [this.from && this.cellAt(...this.from), this.cellAt(...at(event))];
      this.from = null;
      if (!from || !to) return;
      if (!framed) return void this.pick(to);
      const [r0, r1] = [from[0], to[0]].sort((a, b) => a - b);
      const [c0, c1] = [from[1], to[1]].sort((a, b) => a - b);
      this.zoom({ r0, r1: r1 + 1, c0, c1: c1 + 1 });
    });
    this.canvas.addEventListener("pointerleave", () => {
      this.from = null;
      this.frame.hidden = true;
      this.point(null);
    });
    this.canvas.addEventListener("dblclick", () => this.window && this.zoom(null));
    this.board.addEventListener("keydown", (event) => this.onKey(event));
    this.board.addEventListener("blur", () => this.point(null));
  }

  onKey(event) {
    const { r0, r1, c0, c1 } = this.shown;
    if (KEYS[event.key]) {
      const [r, c] = this.cursor ?? this.picked ?? [r0 - KEYS[event.key][0], c0 - KEYS[event.key][1]];
      const within = (value, low, high) => Math.max(low, Math.min(high - 1, value));
      this.cursor = [within(r + KEYS[event.key][0], r0, r1), within(c + KEYS[event.key][1], c0, c1)];
      this.draw();
      this.point(this.cursor);
    } else if (event.key.toLowerCase() === "s" && this.cursor) this.sort(this.cursor[1]);
    else if ((event.key === "Enter" || event.key === " ") && this.cursor) this.pick(this.cursor);
    else if (event.key === "0" || event.key === "Escape") this.zoom(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What is shown, on white and in one size, fit for a paper. */
  save(format) {
    const ink = { text: "#1B1F23", quiet: "#8A8A8A", font: getComputedStyle(this.root).fontFamily };
    const view = { ...this.view, colours: ramp(this.view.scale), place: arrange(PICTURE.width, this.shown, Boolean(this.view.tree)) };
    view.image = cellsImage(view, document);
    const link = Object.assign(document.createElement("a"), { download: `task-atlas-similarity.${format}` });
    if (format === "svg") {
      link.href = URL.createObjectURL(new Blob([svg(view, ink)], { type: "image/svg+xml" }));
    } else {
      const canvas = Object.assign(document.createElement("canvas"), { width: PICTURE.width * PICTURE.scale, height: Math.round((view.place.height + legendRoom) * PICTURE.scale) });
      const context = canvas.getContext("2d");
      context.fillStyle = "#FFFFFF";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.scale(PICTURE.scale, PICTURE.scale);
      paint(context, view, ink);
      paintLegend(context, view, ink);
      link.href = canvas.toDataURL("image/png");
    }
    document.body.appendChild(link).click();
    link.remove();
  }

  destroy() {
    this.sizes.disconnect();
    this.root.replaceChildren();
  }
}

/** Draws or updates; returns what to do when the page goes. */
export function renderMatrix({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".matrix");
  if (!drawn.has(root)) drawn.set(root, (root.matrix = new Matrix(root)));
  drawn.get(root).update(data, (cell) => setTriggerValue("cell", cell), (column) => setTriggerValue("sort", column));
  return () => {
    drawn.get(root)?.destroy();
    drawn.delete(root);
  };
}
