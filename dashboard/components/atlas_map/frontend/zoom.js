// Nearer, farther, and back to the whole map.

import { rememberMap } from "./memory.js";
import { nearer } from "./traces.js";

/** name : "in", "out" or "fit". */
export function zoom(map, name) {
  if (!map.flat) {
    if (!window.Plotly) return;
    if (name === "fit") delete map.frame.camera;
    else map.frame.camera = nearer(map.plot._fullLayout.scene.camera, name === "in" ? 0.8 : 1.25);
    window.Plotly.relayout(map.plot, { "scene.camera": map.frame.camera ?? null });
    return;
  }
  if (name === "fit") map.fit();
  else {
    const factor = name === "in" ? 0.7 : 1.43;
    for (const axis of ["x", "y"]) {
      const [a, b] = map.frame[axis];
      const [middle, half] = [(a + b) / 2, ((b - a) / 2) * factor];
      map.frame[axis] = [middle - half, middle + half];
    }
    map.frame.moved = true;
  }
  rememberMap(map.key);
  map.draw();
}
