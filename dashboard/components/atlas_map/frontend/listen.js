// What plotly tells of the pointer, of what was picked, and of the zoom.

import { rememberMap } from "./memory.js";

/** Once a chart: from now on the map hears what happens on it. */
export function listen(map) {
  const on = (name, act) => map.plot.on(name, act);
  on("plotly_hover", (event) => hover(map, event));
  on("plotly_unhover", () => {
    map.card.hide();
    map.tell(null);
  });
  on("plotly_click", (event) => {
    const i = map.positionOf(event.points[0]);
    if (i >= 0) map.pick([i], event.event?.shiftKey || event.event?.ctrlKey || event.event?.metaKey);
  });
  on("plotly_selected", (event) => {
    if (!event || map.drawing) return;
    const picked = event.points.map((p) => map.positionOf(p)).filter((i) => i >= 0);
    map.pick(picked, map.shift);
  });
  map.root.addEventListener("pointerdown", (event) => (map.shift = event.shiftKey), true);
  on("plotly_relayouting", () => map.readRanges());
  on("plotly_relayout", (change) => {
    if (!Object.keys(change).some((k) => k.includes("axis") || k.startsWith("scene"))) return;
    map.readRanges();
    map.frame.moved = true;
    rememberMap(map.key);
    map.rename();
  });
}

function hover(map, event) {
  const i = map.positionOf(event.points[0]);
  if (i < 0) return map.card.hide();
  const box = map.root.getBoundingClientRect();
  const at = map.flat ? map.toPixels(map.points.x[i], map.points.y[i]) : [event.event.clientX - box.left, event.event.clientY - box.top];
  map.card.show(map.points, i, at);
  map.tell(map.points.ids[i]);
}
