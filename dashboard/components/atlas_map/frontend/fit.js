// How much of the map is seen at first.

const TOOLS_HEIGHT = 40;
const MOST_STRETCH = 1.5;
const AXES_HEIGHT = 44;

/**
 * The whole map, clear of the tools, with units that are equal or, to fill the frame, at most half as long again; those
 * of axes have nothing to be equal to. Returns the ranges x and y of what is seen.
 */
export function wholeMap(points, view, root) {
  const most = view.axes ? Infinity : MOST_STRETCH;
  const below = view.axes ? AXES_HEIGHT : 0;
  const span = (values) => values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const [[x0, x1], [y0, y1]] = view.room ?? [span(points.x), span(points.y)];
  const [width, height] = [Math.max(root.clientWidth, 50), Math.max(root.clientHeight, 50)];
  const across = (x1 - x0 || 1) / (width - 80);
  const up = (y1 - y0 || 1) / (height - TOOLS_HEIGHT - below - 70);
  const [ux, uy] = [Math.max(across, up / most), Math.max(up, across / most)];
  const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2 + (uy * (TOOLS_HEIGHT - below)) / 2];
  return {
    x: [cx - (ux * width) / 2, cx + (ux * width) / 2],
    y: [cy - (uy * height) / 2, cy + (uy * height) / 2],
  };
}
