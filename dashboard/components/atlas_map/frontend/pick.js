// Which point is meant: by arrow keys, and what a click or an area makes of the selection.

/** Pixels from a point within which it is meant. */
export const REACH = 14;
const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export const isArrow = (key) => key in DIRECTIONS;

/** The nearest point that lies within 60 degrees of the arrow, or `from` itself; sx, sy turn map units into pixels. */
export function towards(key, from, points, shown, sx, sy) {
  const [dx, dy] = DIRECTIONS[key];
  let best = from;
  let least = Infinity;
  for (let i = 0; i < points.n; i++) {
    if (i === from || !shown(i)) continue;
    const x = (points.x[i] - points.x[from]) * sx;
    const y = (points.y[i] - points.y[from]) * sy;
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy - y * dx);
    if (along <= 0 || across > along * 1.73) continue;
    const cost = along + 2 * across;
    if (cost < least) [best, least] = [i, cost];
  }
  return best;
}

/** The point nearest to (x, y), in map units, that is shown; -1 where there is none. */
export function nearestTo(x, y, points, shown, sx, sy) {
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < points.n; i++) {
    if (!shown(i)) continue;
    const far = ((points.x[i] - x) * sx) ** 2 + ((points.y[i] - y) * sy) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

/** The point that is shown and drawn nearest to these pixels, as far as a click reaches; else -1. */
export function under(left, top, points, shown, toPixels) {
  let best = -1;
  let least = REACH;
  for (let i = 0; i < points.n; i++) {
    if (!shown(i)) continue;
    const [x, y] = toPixels(points.x[i], points.y[i]);
    const far = Math.hypot(x - left, y - top);
    if (far <= least) [best, least] = [i, far];
  }
  return best;
}

/** The new selection: `picked` alone, or toggled (one) or added (several) where `more`. */
export function combine(before, picked, more) {
  if (!more) return [...picked];
  if (picked.length === 1 && before.includes(picked[0])) return before.filter((id) => id !== picked[0]);
  const known = new Set(before);
  return [...before, ...picked.filter((id) => !known.has(id))];
}
