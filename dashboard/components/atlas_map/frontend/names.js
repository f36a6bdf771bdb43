// Families, selected items and, when few are in sight, all names: as annotations, where there is room.

import { placeLabels } from "./labels.js";
import { escape, nameOf, shorten } from "./unpack.js";
import { fade, mix } from "./theme.js";
import { pointSize } from "./traces.js";

const MOST_DOTS = 600;
const FEW_IN_SIGHT = 28;
const MOST_SELECTED_NAMES = 12;
const MOST_DEEP = 12;
const measure = document.createElement("canvas").getContext("2d");

function sized(text, font, size, weight) {
  measure.font = `${weight} ${size}px ${font}`;
  return { width: measure.measureText(text).width + 8, height: size * 1.35 };
}

function inkOf(name, points, theme) {
  if (points.shaded) return fade(theme.ink, 0.72);
  const family = points.families.find((f) => f.name === name);
  return mix(theme.dark ? family.dark : family.light, theme.ink, 0.62);
}

/** The largest families, as annotations of a scene, which turn with it: nothing can keep them apart from all sides. */
export function deepNames(points, view, theme) {
  return view.labels.filter((label) => label.z !== undefined).slice(0, MOST_DEEP).map(({ text, x, y, z }) => ({
    x,
    y,
    z,
    text: escape(text),
    font: { size: 12, weight: 600, color: inkOf(text, points, theme), family: theme.font },
    showarrow: false,
    yshift: 13,
    bgcolor: fade(theme.surface, 0.72),
    borderpad: 0,
  }));
}

/** Plotly annotations for the current zoom. toPixels(x, y) -> [left, top]; frame: {width, height, taken: boxes that stay free}. */
export function nameAnnotations(points, shown, view, theme, selected, toPixels, frame) {
  const visible = [];
  for (let i = 0; i < points.n && visible.length <= MOST_DOTS; i++) {
    if (!shown(i)) continue;
    const [x, y] = toPixels(points.x[i], points.y[i]);
    if (x > 0 && y > 0 && x < frame.width && y < frame.height) visible.push({ i, x, y });
  }
  const radius = pointSize(points.n) / 2 + 1;
  const crowded = visible.length > MOST_DOTS;
  const dots = crowded ? [] : visible.map(({ x, y }) => ({ x0: x - radius, x1: x + radius, y0: y - radius, y1: y + radius }));
  const wanted = [];
  const named = new Set();
  const addName = (i, weight, colour) => {
    if (named.has(i)) return;
    named.add(i);
    const [x, y] = toPixels(points.x[i], points.y[i]);
    const text = shorten(nameOf(points.ids[i]), 30);
    wanted.push({ x, y, text, colour, weight, size: 11.5, reaches: [radius + 4, radius + 10], ...sized(text, theme.font, 11.5, weight) });
  };
  if (selected.size <= MOST_SELECTED_NAMES) selected.forEach((id) => {
    const i = points.position.get(id);
    if (i !== undefined && (shown(i) || !view.hide)) addName(i, 600, theme.ink);
  });
  for (const label of view.labels) {
    const colour = inkOf(label.text, points, theme);
    const [x, y] = toPixels(label.x, label.y);
    wanted.push({ x, y, text: label.text, colour, weight: 600, size: 13, reaches: [14, 24, 38, 56, 0], ...sized(label.text, theme.font, 13, 600) });
  }
  if (!crowded && visible.length <= FEW_IN_SIGHT) visible.forEach(({ i }) => addName(i, 400, fade(theme.ink, 0.72)));
  const room = { x0: 2, y0: 2, x1: frame.width - 2, y1: frame.height - 2 };
  const places = placeLabels(wanted, room, [...frame.taken, ...dots]);
  return wanted.flatMap((label, k) =>
    places[k] === null
      ? []
      : [{
          text: escape(label.text),
          font: { size: label.size, color: label.colour, weight: label.weight, family: theme.font },
          x: places[k].x / frame.width,
          y: 1 - places[k].y / frame.height,
          xref: "paper",
          yref: "paper",
          xanchor: "center",
          yanchor: "middle",
          showarrow: false,
          captureevents: false,
          bgcolor: fade(theme.surface, 0.62),
          borderpad: 0,
        }],
  );
}
