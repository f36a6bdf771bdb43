// Where everything stands, and how it is drawn: the same on the page and in a picture for a paper.

import { codeOf, SLANT } from "./cells.js";

const NAME = 11;
const ROW = { most: 26, names: 9, low: 11 };
const COLUMN = { names: 10.5, slanted: 15, small: 10 };
const MOST_NAMED_ROWS = 160;
const MARK = 3;
const UNKNOWN = [138, 138, 138, 60];
const UNKNOWN_ON_WHITE = "228,228,228";
const GAP = 5;
const STRIP = 6;
const TREE = 74;
const turned = (place) => (place.slanted ? -SLANT : -90);
const TALLEST = 860;
const NARROW = 620;

export const nameOf = (id) => id.slice(id.indexOf(":") + 1);
export const kindOf = (id) => id.slice(0, id.indexOf(":"));

function shortened(name, longest) {
  const line = name.replace(/\s+/g, " ").trim();
  if (line.length <= longest) return line;
  const head = Math.floor(((longest - 1) * 2) / 3);
  return `${line.slice(0, head)}…${line.slice(line.length - (longest - 1 - head))}`;
}

/** Colours of the 201 steps of a scale, as [r, g, b]. */
export function ramp(scale) {
  const channel = (colour, k) => parseInt(colour.slice(1 + 2 * k, 3 + 2 * k), 16);
  return Array.from({ length: 201 }, (_, i) => {
    const at = i / 200;
    const next = Math.max(1, scale.findIndex(([stop]) => stop >= at));
    const [[low, a], [high, b]] = [scale[next - 1], scale[next]];
    const share = (at - low) / (high - low);
    return [0, 1, 2].map((k) => Math.round(channel(a, k) + share * (channel(b, k) - channel(a, k))));
  });
}

/** Sizes in pixels for a width; `window` is the part of rows and columns that is shown: {r0, r1, c0, c1}. */
export function arrange(width, window, hasTree) {
  const [n, m] = [window.r1 - window.r0, window.c1 - window.c0];
  const narrow = width < NARROW;
  const gutter = narrow ? 96 : 168;
  const tree = hasTree && !narrow ? TREE : 0;
  const left = gutter + STRIP + GAP;
  const across = Math.max(40, width - left - tree - GAP - 2);
  const cell = Math.min(across / m, ROW.most * 1.6);
  const wide = cell * m;
  // Names can be read as long as the page need not become much too long for it.
  const low = n <= 45 ? 15 : n <= MOST_NAMED_ROWS ? ROW.low : 0;
  const high = Math.min(ROW.most, Math.max(cell, low), Math.max(TALLEST / n, low, 0.2));
  const longest = { row: narrow ? 13 : 27, column: narrow ? 13 : 24 };
  const named = cell >= COLUMN.names;
  const slanted = cell >= COLUMN.slanted || !named;
  const below = narrow ? 88 : named ? 132 : 86;
  const top = STRIP + GAP;
  return { n, m, left, top, cell, high, wide, tall: high * n, tree, longest, width, height: top + high * n + below, window, named, slanted };
}

/** The cells as an image of one pixel each. */
export function cellsImage(view, document) {
  const { r0, r1, c0, c1 } = view.place.window;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [c1 - c0, r1 - r0];
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  let at = 0;
  for (let r = r0; r < r1; r += 1) {
    for (let c = c0; c < c1; c += 1) {
      const code = codeOf(view, r, c);
      image.data.set(code < 0 ? UNKNOWN : [...view.colours[code], 255], at);
      at += 4;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * What stands beside the cells, as text and lines: [{text, x, y, turned, anchor, strong, size}], [{x, y, w, h, fill}] where no
 * fill is the text's colour, [[points]].
 */
export function furniture(view) {
  const { place, rows, columns, tree, selected, sortedBy } = view;
  const { r0, r1, c0, c1 } = place.window;
  const texts = [];
  const strips = [];
  for (let r = r0; r < r1; r += 1) {
    const y = place.top + (r - r0) * place.high;
    strips.push({ x: place.left - GAP - STRIP, y, w: STRIP, h: place.high + 0.3, fill: rows.colours[rows.family[r]] });
    if (place.high >= ROW.names) {
      texts.push({ text: shortened(nameOf(rows.ids[r]), place.longest.row), x: place.left - GAP - STRIP - 6, y: y + place.high / 2, anchor: "end", strong: selected.has(rows.ids[r]) });
    }
    if (selected.has(rows.ids[r])) strips.push({ x: place.left - GAP - STRIP - MARK - 1, y, w: MARK, h: Math.max(place.high, 2) });
  }
  if (place.high < ROW.names) texts.push(...familyNames(view));
  if (!place.named) texts.push(...familyNamesBelow(view));
  for (let c = c0; c < c1; c += 1) {
    const x = place.left + (c - c0) * place.cell;
    strips.push({ x, y: 0, w: place.cell + 0.3, h: STRIP, fill: columns.colours[columns.family[c]] });
    const marked = selected.has(columns.ids[c]) || c === sortedBy;
    if (place.named) {
      const text = `${shortened(nameOf(columns.ids[c]), place.longest.column)}${c === sortedBy ? " ▾" : ""}`;
      const size = place.slanted ? NAME : COLUMN.small;
      texts.push({ text, x: x + place.cell / 2 + (place.slanted ? 3 : 0), y: place.top + place.tall + 8, anchor: "end", turned: turned(place), strong: marked, size });
    }
    if (marked) strips.push({ x, y: place.top + place.tall + 1, w: Math.max(place.cell, 2), h: MARK });
  }
  return { texts, strips, branches: place.tree && tree ? treeLines(view) : [] };
}

/** Where rows are too low for names: the name of a family beside each run of its rows that is high enough for it. */
function familyNames({ place, rows }) {
  const { r0, r1 } = place.window;
  return runs(rows, r0, r1, (NAME + 1) / place.high).map(([start, end]) => ({
    text: rows.families[rows.family[start]],
    x: place.left - GAP - STRIP - 6,
    y: place.top + ((start + end) / 2 - r0) * place.high,
    anchor: "end",
  }));
}

/** The same below columns that are too narrow for names. */
function familyNamesBelow({ place, columns }) {
  const { c0, c1 } = place.window;
  return runs(columns, c0, c1, (NAME + 1) / place.cell).map(([start, end]) => ({
    text: shortened(columns.families[columns.family[start]], place.longest.column),
    x: place.left + ((start + end) / 2 - c0) * place.cell + 3,
    y: place.top + place.tall + 8,
    anchor: "end",
    turned: turned(place),
  }));
}

/** [start, end) of each run of items of one family that has so many. */
function runs(axis, first, last, fewest) {
  const found = [];
  for (let start = first; start < last; ) {
    let end = start + 1;
    while (end < last && axis.family[end] === axis.family[start]) end += 1;
    if (end - start >= fewest) found.push([start, end]);
    start = end;
  }
  return found;
}

function treeLines({ place, tree }) {
  const [along, up] = tree;
  const most = up.reduce((a, b) => (b > a ? b : a), 1e-9);
  const { r0, r1 } = place.window;
  const lines = [];
  for (let i = 0; i + 3 < along.length; i += 5) {
    const points = [0, 1, 2, 3].map((k) => [
      place.left + place.wide + 8 + (up[i + k] / most) * (place.tree - 12),
      place.top + (along[i + k] + 0.5 - r0) * place.high,
    ]);
    const [low, high] = [points[0][1], points[3][1]];
    if (high >= place.top && low <= place.top + (r1 - r0) * place.high) lines.push(points);
  }
  return lines;
}

export function paint(context, view, ink) {
  const { place } = view;
  context.imageSmoothingEnabled = place.cell < 1 || place.high < 1;
  context.drawImage(view.image, place.left, place.top, place.wide, place.tall);
  const { texts, strips, branches } = furniture(view);
  for (const { x, y, w, h, fill } of strips) {
    context.fillStyle = fill ?? ink.text;
    context.fillRect(x, y, w, h);
  }
  context.save();
  context.beginPath();
  context.rect(0, place.top, place.width, place.tall);
  context.clip();
  context.strokeStyle = ink.quiet;
  context.lineWidth = 1;
  context.beginPath();
  for (const points of branches) points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
  context.restore();
  context.fillStyle = ink.text;
  context.textBaseline = "middle";
  for (const { text, x, y, turned, strong, size } of texts) {
    context.save();
    context.font = `${strong ? 600 : 400} ${size ?? NAME}px ${ink.font}`;
    context.translate(x, y);
    if (turned) context.rotate((turned * Math.PI) / 180);
    context.textAlign = "right";
    context.fillText(text, 0, 0);
    context.restore();
  }
}

const LEGEND = { wide: 200, high: 8, room: 50 };

/** Below a picture that leaves: what the colours mean. */
export function paintLegend(context, view, ink) {
  const { left, height } = view.place;
  const y = height + 10;
  const ramp = context.createLinearGradient(left, 0, left + LEGEND.wide, 0);
  view.scale.forEach(([at, colour]) => ramp.addColorStop(at, colour));
  context.fillStyle = ramp;
  context.fillRect(left, y, LEGEND.wide, LEGEND.high);
  Object.assign(context, { fillStyle: ink.text, textAlign: "center", textBaseline: "top", font: `${NAME}px ${ink.font}` });
  view.ticks.forEach(([text, at]) => context.fillText(text, left + at * LEGEND.wide, y + LEGEND.high + 3));
  context.textAlign = "left";
  context.fillText(view.title, left, y + LEGEND.high + 18);
}

export const legendRoom = LEGEND.room;

function svgLegend(view, ink) {
  const { left, height } = view.place;
  const y = height + 10;
  const stops = view.scale.map(([at, colour]) => `<stop offset="${at}" stop-color="${colour}"/>`).join("");
  return `<defs><linearGradient id="ramp">${stops}</linearGradient></defs><rect x="${left}" y="${y}" width="${LEGEND.wide}" height="${LEGEND.high}" fill="url(#ramp)"/>`
    + view.ticks.map(([text, at]) => `<text fill="${ink.text}" text-anchor="middle" x="${left + at * LEGEND.wide}" y="${y + LEGEND.high + 13}">${text}</text>`).join("")
    + `<text fill="${ink.text}" x="${left}" y="${y + LEGEND.high + 28}">${view.title}</text>`;
}

/** The same as SVG; cells as one image, which keeps a large matrix small. */
export function svg(view, ink) {
  const { place } = view;
  const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const n = (value) => value.toFixed(2);
  const { texts, strips, branches } = furniture(view);
  const font = escape(ink.font.replaceAll('"', "'"));
  const cells = place.n * place.m <= 10000 ? rects(view) :
    `<image x="${place.left}" y="${place.top}" width="${n(place.wide)}" height="${n(place.tall)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${view.image.toDataURL()}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${place.width}" height="${n(place.height + LEGEND.room)}" viewBox="0 0 ${place.width} ${n(place.height + LEGEND.room)}" font-family="${font}" font-size="${NAME}"><rect width="100%" height="100%" fill="#fff"/>${cells}`
    + strips.map((s) => `<rect x="${n(s.x)}" y="${n(s.y)}" width="${n(s.w)}" height="${n(s.h)}" fill="${s.fill ?? ink.text}"/>`).join("")
    + branches.map((points) => `<polyline fill="none" stroke="${ink.quiet}" points="${points.map(([x, y]) => `${n(x)},${n(y)}`).join(" ")}"/>`).join("")
    + texts.map((t) => `<text fill="${ink.text}" text-anchor="end" font-weight="${t.strong ? 600 : 400}" font-size="${t.size ?? NAME}" dominant-baseline="middle" transform="translate(${n(t.x)} ${n(t.y)}) rotate(${t.turned ?? 0})">${escape(t.text)}</text>`).join("")
    + `${svgLegend(view, ink)}</svg>`;
}

function rects(view) {
  const { place } = view;
  const { r0, r1, c0, c1 } = place.window;
  let out = "";
  for (let r = r0; r < r1; r += 1) {
    for (let c = c0; c < c1; c += 1) {
      const code = codeOf(view, r, c);
      const fill = code < 0 ? UNKNOWN_ON_WHITE : view.colours[code].join(",");
      out += `<rect x="${(place.left + (c - c0) * place.cell).toFixed(2)}" y="${(place.top + (r - r0) * place.high).toFixed(2)}" width="${(place.cell + 0.2).toFixed(2)}" height="${(place.high + 0.2).toFixed(2)}" fill="rgb(${fill})"/>`;
    }
  }
  return out;
}
