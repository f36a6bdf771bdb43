// The map as a picture for a paper: what is shown, on white, with a legend, points as shapes and not as pixels.

import { buildLayout, buildTraces } from "./traces.js";

const PAPER = { surface: "#FFFFFF", ink: "#1B1F23", accent: "#1F5FA8", dark: false };
const LEGEND = 190;
const SCALE = 3;
const SYMBOLS = ["circle", "square", "diamond"];

/** map: the component; format: "png" or "svg". The file is given to the browser. */
export async function save(map, format) {
  const { points, shown, view, flat, frame, root } = map;
  const theme = { ...PAPER, font: map.theme.font };
  const traces = buildTraces(points, shown, view, theme, map.selected, flat).map(({ meta, ...trace }) => ({
    ...trace,
    type: trace.type === "scattergl" ? "scatter" : trace.type, // drawn as shapes, which stay sharp at any size
  }));
  const layout = buildLayout(view, theme, frame, "pan", flat, 1);
  const width = root.clientWidth + LEGEND;
  Object.assign(layout, { paper_bgcolor: "#FFFFFF", plot_bgcolor: "#FFFFFF", showlegend: true, width, height: root.clientHeight });
  layout.margin.r = LEGEND;
  layout.legend = { x: 1.01, y: 1, font: { size: 11 }, itemsizing: "constant", tracegroupgap: 4 };
  if (flat) layout.annotations = map.names(theme);
  const url = await window.Plotly.toImage({ data: [...traces, ...keys(points, shown)], layout }, { format, width, height: root.clientHeight, scale: format === "png" ? SCALE : 1 });
  const link = Object.assign(document.createElement("a"), { href: url, download: `task-atlas-map.${format}` });
  document.body.appendChild(link).click();
  link.remove();
}

/** Traces without points: what the colours and the shapes mean, of what is shown. */
function keys(points, shown) {
  const there = (codes) => {
    const found = new Set();
    for (let i = 0; i < points.n; i++) if (shown(i)) found.add(codes[i]);
    return [...found].sort((a, b) => a - b);
  };
  const key = (name, symbol, color) => ({ x: [null], y: [null], type: "scatter", mode: "markers", name, showlegend: true, hoverinfo: "skip", marker: { symbol, color, size: 9 } });
  return [
    ...there(points.shade).map((code) => key(points.shades[code].name, "circle", points.shades[code].light)),
    ...there(points.kind).map((code) => key(points.kinds[code], SYMBOLS[code], "#8A8A8A")),
  ];
}
