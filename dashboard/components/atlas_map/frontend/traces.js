// What plotly draws: the points by kind, greyed ones below, edges, and rings around what is selected.

import { middle, ticked } from "./axes.js";
import { REACH } from "./pick.js";
import { fade } from "./theme.js";
import { measuredOf } from "./unpack.js";

const SYMBOLS = ["circle", "square", "diamond"];
const MOST_OUTLINED = 5000;
const MOST_SHAPES = 1000;
const FADED = 0.34;

export function pointSize(n) {
  return Math.max(3.5, Math.min(12, 15.5 - 3.1 * Math.log10(Math.max(n, 20))));
}

function colourScale(points, dark) {
  const colours = points.shades.map((f) => (dark ? f.dark : f.light));
  const last = Math.max(colours.length - 1, 1);
  return {
    colorscale: colours.length > 1 ? colours.map((c, i) => [i / last, c]) : [[0, colours[0]], [1, colours[0]]],
    cmin: 0,
    cmax: last,
    showscale: false,
  };
}

function gather(points, wanted) {
  const index = [];
  for (let i = 0; i < points.n; i++) if (wanted(i)) index.push(i);
  const take = (values) => Float32Array.from(index, (i) => values[i]);
  return { index, x: take(points.x), y: take(points.y), z: points.z && take(points.z) };
}

/** Few points are shapes: where there is no graphics card, the canvas alone takes a browser longer than all of them. */
const flatType = (points) => (points.n <= MOST_SHAPES ? "scatter" : "scattergl");
const place = (points, set, flat) =>
  flat ? { x: set.x, y: set.y, type: flatType(points) } : { x: set.x, y: set.y, z: set.z, type: "scatter3d" };

/** Traces, each with `meta`: the positions of its points, or null for what cannot be picked. */
export function buildTraces(points, shown, view, theme, selected, flat) {
  const size = pointSize(points.n) * (flat ? 1 : 0.42);
  const common = { mode: "markers", hoverinfo: "none", showlegend: false };
  const traces = [];
  if (view.edges.length) traces.push(edgeTrace(points, shown, view, theme, flat));
  if (!view.hide) {
    const out = gather(points, (i) => !shown(i));
    if (out.index.length) {
      const marker = { color: fade(theme.ink, 0.13), size: size * 0.7, line: { width: 0 } };
      traces.push({ ...common, ...place(points, out, flat), marker, hoverinfo: "skip", meta: null });
    }
  }
  const tones = points.outlines.map((o) => (o.name === "" ? theme.surface : theme.dark ? o.dark : o.light));
  const outlined = points.n <= MOST_OUTLINED;
  const weak = (i) => (measuredOf(points, i)?.skill ?? 100) < points.weak;
  const full = points.n > 2000 ? 0.65 : 0.92;
  for (const [kind, faded] of [[1, true], [2, true], [1, false], [2, false], [0, false]]) {
    const set = gather(points, (i) => points.kind[i] === kind && weak(i) === faded && shown(i));
    if (!set.index.length) continue;
    const codes = set.index.map((i) => points.outline[i]);
    const same = codes.every((c) => c === codes[0]);
    traces.push({
      ...common,
      ...place(points, set, flat),
      meta: set.index,
      marker: {
        ...colourScale(points, theme.dark),
        color: Uint8Array.from(set.index, (i) => points.shade[i]),
        symbol: SYMBOLS[kind],
        size: size * [1, 0.92, 0.98][kind],
        opacity: faded ? full * FADED : full,
        line: outlined
          ? { color: same ? tones[codes[0]] : codes.map((c) => tones[c]), width: flat ? 1.2 : 1 }
          : { width: 0 },
      },
    });
  }
  const own = gather(points, (i) => points.own.has(i) && shown(i) && !selected.has(points.ids[i]));
  if (own.index.length && own.index.length < points.n) {
    const marker = { symbol: "circle-open", color: theme.accent, size: size + (flat ? 7 : 4), line: { color: theme.accent, width: 1.6 } };
    traces.push({ ...common, ...place(points, own, flat), hoverinfo: "skip", meta: null, marker });
  }
  const ringed = gather(points, (i) => selected.has(points.ids[i]) && (shown(i) || !view.hide));
  const many = ringed.index.length;
  traces.push({
    ...common,
    ...place(points, ringed, flat),
    hoverinfo: "skip",
    meta: null,
    marker: {
      symbol: "circle-open",
      color: theme.ink,
      opacity: many > 300 ? 0.45 : 1,
      size: size + (many > 300 ? 2 : flat ? 8 : 5),
      line: { color: theme.ink, width: many > 300 ? 0.8 : many > 30 ? 1.3 : 1.8 },
    },
  });
  return traces;
}

function edgeTrace(points, shown, view, theme, flat) {
  const ends = [];
  for (let e = 0; e < view.edges.length; e += 2) {
    if (shown(view.edges[e]) && shown(view.edges[e + 1])) ends.push(view.edges[e], view.edges[e + 1], -1);
  }
  const take = (values) => Float32Array.from(ends, (i) => (i < 0 ? NaN : values[i]));
  const set = { x: take(points.x), y: take(points.y), z: points.z && take(points.z) };
  const line = { color: fade(theme.ink, flat ? 0.16 : 0.4), width: 1 };
  return { ...place(points, set, flat), mode: "lines", line, hoverinfo: "skip", showlegend: false, connectgaps: false, meta: null };
}

/** Layout, without ticks but for axes that mean something; ranges are our own, so that nothing that is added moves the map. */
export function buildLayout(view, theme, ranges, mode, flat, revision) {
  const axis = { showgrid: false, zeroline: false, showticklabels: false, ticks: "", showline: false, fixedrange: false };
  const look = {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 0, r: 0, t: 0, b: 0 },
    font: { family: theme.font, size: 12, color: theme.ink },
    hovermode: "closest",
    hoverdistance: REACH,
    clickmode: "event",
    showlegend: false,
    uirevision: view.frame,
    selectionrevision: revision, // what plotly drew of a lasso goes: the selection is ours to show
  };
  if (flat) {
    return {
      ...look,
      dragmode: mode,
      selections: [],
      newselection: { line: { color: theme.accent, width: 1.2, dash: "solid" } },
      xaxis: { ...axis, ...(view.axes && { ...ticked(theme), ...middle(theme) }), range: ranges.x },
      yaxis: { ...axis, ...(view.axes && ticked(theme)), range: ranges.y },
    };
  }
  const deep = { ...axis, title: { text: "" }, showbackground: false, showspikes: false, showline: true, linecolor: fade(theme.ink, 0.2) };
  return { ...look, scene: { xaxis: deep, yaxis: { ...deep }, zaxis: { ...deep }, dragmode: "orbit", uirevision: view.frame, camera: ranges.camera } };
}

/** A camera of the scene moved towards what it looks at by a factor below 1, or away from it. */
export const nearer = (camera, factor) => ({
  ...camera,
  eye: Object.fromEntries(Object.entries(camera.eye).map(([axis, v]) => [axis, v * factor])),
});
