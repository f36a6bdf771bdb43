// The map by the keyboard: arrows go from point to point, Enter selects, Escape clears, plus, minus and zero zoom.

import { isArrow, nearestTo, towards } from "./pick.js";
import { zoom } from "./zoom.js";

export function press(map, event) {
  if (event.target !== map.root || !map.points) return;
  if (event.key === "Escape") {
    map.point(-1);
    if (map.selected.size) map.choose([]);
    map.card.say("Selection cleared");
  } else if (map.flat && isArrow(event.key)) {
    const [sx, sy] = map.scale;
    const { x, y } = map.frame;
    const start = map.cursor >= 0 ? map.cursor : map.points.position.get([...map.selected].at(-1)) ?? -1;
    const next = start >= 0
      ? towards(event.key, start, map.points, map.shown, sx, sy)
      : nearestTo((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, map.points, map.shown, sx, sy);
    if (next >= 0) goTo(map, next);
  } else if ((event.key === "Enter" || event.key === " ") && map.cursor >= 0) {
    map.pick([map.cursor], event.shiftKey);
  } else if (event.key === "+" || event.key === "=") zoom(map, "in");
  else if (event.key === "-") zoom(map, "out");
  else if (event.key === "0") zoom(map, "fit");
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The keyboard's cursor goes to a point; the map follows only where that lies outside. */
function goTo(map, i) {
  map.point(i);
  const { clientWidth: w, clientHeight: h } = map.root;
  let [left, top] = map.toPixels(map.points.x[i], map.points.y[i]);
  if (left < 10 || top < 10 || left > w - 10 || top > h - 10) {
    const half = (range) => (range[1] - range[0]) / 2;
    map.frame.x = [map.points.x[i] - half(map.frame.x), map.points.x[i] + half(map.frame.x)];
    map.frame.y = [map.points.y[i] - half(map.frame.y), map.points.y[i] + half(map.frame.y)];
    map.frame.moved = true;
    map.draw();
    [left, top] = map.toPixels(map.points.x[i], map.points.y[i]);
  }
  map.card.show(map.points, i, [left, top], { aloud: true, selected: map.selected.has(map.points.ids[i]) });
}
