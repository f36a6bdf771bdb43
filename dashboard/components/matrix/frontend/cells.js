// What a cell is worth in colour, and which column a place beside the cells belongs to.

export const NOT_KNOWN = 255;
export const SLANT = 50;

/** Place of a cell's colour in the ramp, 0 to 200; -1 for what is not known, and for an item against itself. */
export function codeOf({ by, similarity, shares, reach, rows, columns }, r, c) {
  const at = r * columns.ids.length + c;
  if (by === "closer") return shares[at] === NOT_KNOWN ? -1 : shares[at];
  if (rows.ids[r] === columns.ids[c]) return -1;
  return Math.max(0, Math.min(200, Math.round(100 * (similarity[at] / 100 / reach + 1))));
}

/** The column whose name, below the cells, or whose strip of colour, above them, is at a place; -1 for none. */
export function columnAt({ place }, x, y) {
  const { window, left, top, cell, wide, tall } = place;
  const below = y - top - tall;
  if (y > top && below < 0) return -1;
  // Slanted names run down to the left from below the middle of their column.
  const along = y > top && place.slanted ? x + (below - 8) / Math.tan((SLANT * Math.PI) / 180) : x;
  if (along < left || along >= left + wide) return -1;
  return window.c0 + Math.floor((along - left) / cell);
}
