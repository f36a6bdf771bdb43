// Where names stand so that they cover neither one another nor the points: fute_core/labels.py, at every zoom.

const SIDES = [[1, 0], [0, 1], [0, -1], [-1, 0], [1, 1], [1, -1], [-1, 1], [-1, -1]];

const crosses = (a, b) => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

/**
 * wanted: [{x, y, width, height, reaches}] in pixels, the most important first; frame: {x0, y0, x1, y1};
 * taken: boxes already there. Returns the centre of each label, or null for want of room.
 */
export function placeLabels(wanted, frame, taken) {
  const boxes = [...taken];
  return wanted.map((label) => {
    for (const reach of label.reaches) {
      for (const [dx, dy] of reach === 0 ? [[0, 0]] : SIDES) {
        const far = Math.hypot(dx, dy) || 1;
        const x = label.x + (dx / far) * reach + (dx * label.width) / 2;
        const y = label.y + (dy / far) * reach + (dy * label.height) / 2;
        const box = { x0: x - label.width / 2, x1: x + label.width / 2, y0: y - label.height / 2, y1: y + label.height / 2 };
        const inside = frame.x0 <= box.x0 && frame.y0 <= box.y0 && box.x1 <= frame.x1 && box.y1 <= frame.y1;
        if (inside && !boxes.some((other) => crosses(box, other))) {
          boxes.push(box);
          return { x, y };
        }
      }
    }
    return null;
  });
}
