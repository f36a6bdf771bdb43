// The map: one plotly chart that is kept while Streamlit reruns, and told what changed.

import { axisAnnotations, axisBoxes } from "./axes.js";
import { wholeMap } from "./fit.js";
import { Card, Toolbar } from "./furniture.js";
import { press } from "./keys.js";
import { listen } from "./listen.js";
import { keepPoints, mapMemory, pointsOf, rememberMap } from "./memory.js";
import { nameAnnotations } from "./names.js";
import { Overlay } from "./overlay.js";
import { combine, under } from "./pick.js";
import { readTheme, watchTheme } from "./theme.js";
import { save } from "./save.js";
import { Sketch } from "./sketch.js";
import { buildLayout, buildTraces } from "./traces.js";
import { unpackEdges, unpackShown } from "./unpack.js";
import { zoom } from "./zoom.js";

const maps = new WeakMap();
const CONFIG = { displayModeBar: false, scrollZoom: true, doubleClick: false, responsive: false, displaylogo: false };
const ANSWER_MS = 2500;
/** A list and the map tell one another by it which item is under the pointer: detail {id, by}. */
const POINTED = "task-atlas-pointed";
const NARROW = 640;
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class AtlasMap {
  constructor(root, key) {
    Object.assign(this, { root, key, selected: new Set(), sent: null, points: null, cursor: -1, memory: mapMemory(key) });
    root.tabIndex = 0;
    root.setAttribute("role", "application");
    this.plot = root.appendChild(document.createElement("div"));
    this.plot.className = "atlas-plot";
    this.overlay = new Overlay(root);
    this.card = new Card(root);
    this.toolbar = new Toolbar(root, {
      setMode: (mode) => this.setMode(mode),
      act: (name) => zoom(this, name),
      save: (format) => window.Plotly && save(this, format),
    });
    this.onPointed = (event) => this.pointedAt(event.detail);
    window.addEventListener(POINTED, this.onPointed);
    root.addEventListener("keydown", (event) => press(this, event));
    root.addEventListener("blur", () => this.point(-1));
    watchTheme(root, () => this.draw());
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(root);
  }

  /** What Python says now. Answers to selections that are out of date are passed over. */
  update(data, send) {
    this.send = send;
    const points = pointsOf(data.points, () => this.update(data, send));
    if (!points) return;
    this.points = points;
    this.data = data;
    this.view = { ...data, edges: unpackEdges(data.edges) };
    this.shown = unpackShown(data.shown);
    if (data.height) this.root.style.height = `${data.height}px`;
    this.root.setAttribute("aria-label", data.aria);
    this.card.remark(data.note);
    const told = JSON.stringify(data.selected);
    const waiting = this.sent !== null && told !== this.sent && performance.now() - this.sentAt < ANSWER_MS;
    if (!waiting) {
      if (told === this.sent && data.selected.length) this.showDetails();
      this.selected = new Set(data.selected);
      this.sent = null;
    }
    if (this.cursor >= 0 && (this.cursor >= points.n || !this.shown(this.cursor))) this.point(-1);
    // What was picked here stands already when Python says so too: all that is new lies above the chart.
    if (this.charted === this.asked) this.above();
    else this.draw();
  }

  /** All that the chart depends on, but for the zoom, the theme and the size, whose changes draw by themselves. */
  get asked() {
    const { points, frame, dims, shown, hide, labels, edges, axes, room } = this.data;
    return JSON.stringify([points, frame, dims, shown, hide, labels, edges, axes, room, [...this.selected]]);
  }

  get flat() {
    return this.view.dims === 2;
  }

  get frame() {
    return (this.memory.frames[this.view.frame] ??= { moved: false });
  }

  fit() {
    Object.assign(this.frame, wholeMap(this.points, this.view, this.root), { moved: false });
  }

  draw() {
    if (!this.points || !this.root.isConnected || !this.root.clientWidth) return;
    if (!this.frame.x || (!this.frame.moved && this.fitted !== this.view.frame)) this.fit();
    this.fitted = this.view.frame;
    this.theme = readTheme(this.root);
    this.root.classList.toggle("atlas-dark", this.theme.dark);
    const traces = buildTraces(this.points, this.shown, this.view, this.theme, this.selected, this.flat);
    this.meta = traces.map((trace) => trace.meta);
    traces.forEach((trace) => delete trace.meta);
    const layout = buildLayout(this.view, this.theme, this.frame, this.memory.mode, this.flat, (this.revision = (this.revision ?? 0) + 1));
    layout.width = this.root.clientWidth;
    layout.height = this.root.clientHeight;
    if (this.flat) layout.annotations = this.names();
    this.charted = this.asked;
    this.above();
    this.toolbar.show(this.memory.mode, this.flat);
    if (!window.Plotly) return this.begin(traces, layout);
    this.drawing = true; // plotly takes its own selection away meanwhile, and tells that nothing is selected
    const drawn = window.Plotly.react(this.plot, traces, layout, { ...CONFIG });
    this.drawing = false;
    drawn.then(() => {
      this.sketch?.remove();
      this.root.style.cursor = "";
      if (!this.listening) listen(this);
      this.listening = true;
      this.follow();
      this.root.dataset.drawn = `${this.view.points} ${this.view.dims} ${this.selected.size}`;
    });
  }

  /** What lies above the chart. */
  above() {
    this.overlay.join(this.flat ? this.joined() : null);
    this.overlay.land(this.flat ? this.view.landing : null, still());
    this.follow();
  }

  /** What is seen until plotly.js is there, which draws the same. A click selects already. */
  begin(traces, layout) {
    if (!this.sketch) {
      this.root.style.cursor = "progress";
      const failed = () => this.card.remark("The map cannot answer: a script of it did not load. Reload the page.");
      if (window.taskAtlasPlotly) window.taskAtlasPlotly.then(() => this.draw(), failed);
      else failed();
    }
    this.sketch ??= new Sketch(this.root, (left, top, more) => {
      const i = this.flat ? under(left, top, this.points, this.shown, (x, y) => this.toPixels(x, y)) : -1;
      if (i >= 0) this.pick([i], more);
    });
    if (!this.flat) return;
    this.sketch.draw(traces, layout, (x, y) => this.toPixels(x, y));
    this.follow();
    this.root.dataset.sketched = "";
  }

  toPixels(x, y) {
    const { x: rx, y: ry } = this.frame;
    const { clientWidth: w, clientHeight: h } = this.root;
    return [((x - rx[0]) / (rx[1] - rx[0])) * w, (1 - (y - ry[0]) / (ry[1] - ry[0])) * h];
  }

  /** Where an item is drawn, from the corner of the map. */
  pixelsOf(id) {
    const i = this.points.position.get(id);
    return this.toPixels(this.points.x[i], this.points.y[i]);
  }

  get scale() {
    const { x, y } = this.frame;
    return [this.root.clientWidth / (x[1] - x[0]), this.root.clientHeight / (y[1] - y[0])];
  }

  names(theme = this.theme) {
    const tools = this.toolbar.bar;
    const corner = { x0: tools.offsetLeft, y0: 0, x1: this.root.clientWidth, y1: tools.offsetTop + tools.offsetHeight };
    const { clientWidth: width, clientHeight: height } = this.root;
    const { axes } = this.view;
    const frame = { width, height, taken: [corner, ...(axes ? axisBoxes(width, height) : [])] };
    const to = (x, y) => this.toPixels(x, y);
    const names = nameAnnotations(this.points, this.shown, this.view, theme, this.selected, to, frame);
    return axes ? [...axisAnnotations(axes, theme, width), ...names] : names;
  }

  /** The current item and its nearest, as far as they are shown. */
  joined() {
    const { near = [], current } = this.view;
    const place = (id) => this.points.position.get(id);
    const from = place(current);
    if (from === undefined || !near.length || !this.selected.has(current)) return null;
    const there = (i) => i !== undefined && (this.shown(i) || !this.view.hide);
    const to = near.filter(({ id }) => there(place(id))).map(({ id, same }) => ({ id, same, x: this.points.x[place(id)], y: this.points.y[place(id)] }));
    return { from: [this.points.x[from], this.points.y[from]], to };
  }

  tell(id) {
    window.dispatchEvent(new CustomEvent(POINTED, { detail: { id, by: this } }));
  }

  /** Something is pointed at elsewhere. */
  pointedAt({ id, by }) {
    this.overlay.pointAt(id);
    if (by === this || !this.points) return;
    const i = id === null ? undefined : this.points.position.get(id);
    if (i === undefined || !this.flat || !this.root.clientWidth) return this.card.hide();
    this.card.show(this.points, i, this.toPixels(this.points.x[i], this.points.y[i]));
  }

  /** On a phone what was tapped is told right below the map: into sight with it. */
  showDetails() {
    const panel = document.querySelector(".st-key-map-panel");
    if (this.root.clientWidth > NARROW || !panel?.checkVisibility()) return;
    panel.style.scrollMarginTop = "48vh";
    setTimeout(() => panel.scrollIntoView({ block: "start", behavior: still() ? "auto" : "smooth" }), 250);
  }

  follow() {
    this.overlay.cursorAt = this.cursor >= 0 && this.flat ? [this.points.x[this.cursor], this.points.y[this.cursor]] : null;
    this.overlay.follow((x, y) => this.toPixels(x, y), this.scale);
  }

  rename() {
    if (!this.flat) return;
    clearTimeout(this.renaming);
    this.renaming = setTimeout(() => window.Plotly.relayout(this.plot, { annotations: this.names() }), 60);
  }

  readRanges() {
    const layout = this.plot._fullLayout;
    if (this.flat) Object.assign(this.frame, { x: [...layout.xaxis.range], y: [...layout.yaxis.range] });
    else if (layout.scene) this.frame.camera = layout.scene.camera;
    this.card.hide();
    this.follow();
  }

  positionOf(point) {
    const index = this.meta[point.curveNumber];
    return index ? index[point.pointNumber ?? point.pointIndex] : -1;
  }

  pick(positions, more) {
    this.choose(combine([...this.selected], positions.map((i) => this.points.ids[i]), more));
  }

  choose(ids) {
    this.selected = new Set(ids);
    const text = JSON.stringify(ids);
    if (text !== JSON.stringify(this.view.selected) || this.sent !== null) {
      this.sent = text;
      this.sentAt = performance.now();
      this.send(ids); // before it is drawn, so that Python computes meanwhile
    }
    this.draw();
  }

  setMode(mode) {
    this.memory.mode = mode;
    rememberMap(this.key);
    this.draw();
  }

  point(i) {
    this.cursor = i;
    if (i < 0) this.card.hide();
    this.follow();
  }

  resize() {
    if (!this.view) return;
    if (!this.frame.moved) this.fitted = null;
    this.draw();
  }

  destroy() {
    this.sizes.disconnect();
    window.removeEventListener(POINTED, this.onPointed);
    window.Plotly?.purge(this.plot);
    this.root.replaceChildren();
  }
}

export function renderPoints({ data }) {
  keepPoints(data);
}

/** Draws or updates; returns what to do when the page goes. */
export function renderMap({ data, key, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".atlas-map");
  if (!maps.has(root)) maps.set(root, (root.atlasMap = new AtlasMap(root, data.key)));
  maps.get(root).update(data, (ids) => setStateValue("selected", ids));
  return () => {
    maps.get(root)?.destroy();
    maps.delete(root);
  };
}
