// What outlives a redraw and a page change: points by digest, and for each map its zoom, tool and camera.

import { unpackPoints } from "./unpack.js";

const MOST_POINT_SETS = 4;
const memory = (window.taskAtlasMemory ??= { points: new Map(), waiting: new Map(), maps: new Map() });

export function keepPoints(sent) {
  if (!memory.points.has(sent.digest)) {
    memory.points.set(sent.digest, unpackPoints(sent));
    if (memory.points.size > MOST_POINT_SETS) memory.points.delete(memory.points.keys().next().value);
  }
  const waiting = memory.waiting.get(sent.digest) ?? [];
  memory.waiting.delete(sent.digest);
  waiting.forEach((call) => call());
}

/** The points, or undefined, in which case `later` is called once they are there. */
export function pointsOf(digest, later) {
  const points = memory.points.get(digest);
  if (!points) memory.waiting.set(digest, [...(memory.waiting.get(digest) ?? []), later]);
  return points;
}

/** {mode, frames: {frame: {x, y, camera, moved}}} of one map, kept over a reload of the page as well. */
export function mapMemory(key) {
  if (!memory.maps.has(key)) {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(`task-atlas ${key}`));
    } catch {
      // A browser may forbid storage; the map then forgets at a reload.
    }
    memory.maps.set(key, kept ?? { mode: "pan", frames: {} });
  }
  return memory.maps.get(key);
}

export function rememberMap(key) {
  try {
    sessionStorage.setItem(`task-atlas ${key}`, JSON.stringify(memory.maps.get(key)));
  } catch {
    // As above.
  }
}
