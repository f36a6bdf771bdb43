// The similarity matrix: drawn on a canvas, pointed at, clicked, zoomed by a frame, walked with the keyboard, saved.

import { arrange, cellsImage, kindOf, legendRoom, nameOf, paint, paintLegend, ramp, svg } from "./paint.js";

const PICTURE = { width: 1000, scale: 3 };
const DRAG = 6;
const drawn = new WeakMap();
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
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

  update(data, send) {
    this.send = send;
    const sent = JSON.stringify([data.rows, data.columns, data.values.length, data.tree.length]);
    if (data.values !== this.sentValues || sent !== this.sent) {
      [this.sentValues, this.sent] = [data.values, sent];
      const tree = data.tree ? new Float32Array(bytes(data.tree).buffer) : null;
      const half = tree ? tree.length / 2 : 0;
      this.view = {
        rows: data.rows, columns: data.columns ?? data.rows, values: new Int8Array(bytes(data.values).buffer),
        scale: data.scale, dark: data.dark, tree: tree && [tree.subarray(0, half), tree.subarray(half)],
      };
      this.window = null;
      this.cursor = null;
    }
    const [row, column] = data.picked;
    this.picked = row === undefined ? null : [this.view.rows.ids.indexOf(row), this.view.columns.ids.indexOf(column)];
    const { rows, columns } = this.view;
    this.board.setAttribute("aria-label", `Similarities of ${rows.ids.length} rows and ${columns.ids.length} columns. `
      + "Arrow keys go from cell to cell, Enter opens what stands behind one, 0 shows all.");
    this.draw();
  }

  legend(scale) {
    const stops = scale.map(([at, colour]) => `${colour} ${at * 100}%`).join(", ");
    this.ramp.innerHTML = "";
    this.ramp.append("unlike −1", Object.assign(document.createElement("i"), { style: `background: linear-gradient(90deg, ${stops})` }), "1 alike");
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
    this.hint.textContent = "Click a cell to open it; drag a frame to look closer.";
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
    const { place, rows, columns, values } = this.view;
    const [r, c] = cell;
    const line = (axis, i) => {
      const made = document.createElement("span");
      const said = [axis.kinds[kindOf(axis.ids[i])], axis.families[axis.family[i]]].filter(Boolean).join(", ");
      made.append(nameOf(axis.ids[i]), " ", Object.assign(document.createElement("small"), { textContent: said }));
      return made;
    };
    const value = document.createElement("b");
    value.textContent = `similarity ${(values[r * columns.ids.length + c] / 100).toFixed(2)}`;
    this.card.replaceChildren(line(rows, r), line(columns, c), value);
    const x = place.left + (c - place.window.c0 + 1) * place.cell;
    const y = place.top + (r - place.window.r0) * place.high;
    const left = x + 12 + this.card.offsetWidth > place.width ? x - place.cell - 12 - this.card.offsetWidth : x + 12;
    this.card.style.left = `${Math.max(0, left)}px`;
    this.card.style.top = `${Math.max(0, Math.min(y, place.height - this.card.offsetHeight))}px`;
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
    } else if ((event.key === "Enter" || event.key === " ") && this.cursor) this.pick(this.cursor);
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
  drawn.get(root).update(data, (cell) => setTriggerValue("cell", cell));
  return () => {
    drawn.get(root)?.destroy();
    drawn.delete(root);
  };
}
