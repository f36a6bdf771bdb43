// Points as they travel: typed arrays in base64, names as a list.

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const floats = (text) => new Float32Array(bytes(text).buffer);

/**
 * {n, x, y, z, family, kind, outline, shade, measured, own, ids, position} with one entry a point, of `measured` four;
 * family, kind, outline and shade are codes, own a set of positions. What is not shaded has the colours of its family.
 */
export function unpackPoints(sent) {
  const position = new Map(sent.ids.map((id, i) => [id, i]));
  return {
    ...sent,
    n: sent.ids.length,
    x: floats(sent.x),
    y: floats(sent.y),
    z: sent.z ? floats(sent.z) : null,
    family: bytes(sent.family),
    kind: bytes(sent.kind),
    outline: bytes(sent.outline),
    shaded: sent.shades.length > 0,
    shade: bytes(sent.shade || sent.family),
    shades: sent.shades.length ? sent.shades : sent.families,
    measured: bytes(sent.measured),
    own: new Set(sent.own),
    position,
  };
}

/** A function from a point's position to whether the filters let it through. */
export function unpackShown(sent) {
  if (!sent) return () => true;
  const packed = bytes(sent);
  return (i) => ((packed[i >> 3] >> (7 - (i & 7))) & 1) === 1;
}

/** Pairs of positions, flat: [a0, b0, a1, b1, ...]. */
export function unpackEdges(sent) {
  return sent ? new Int32Array(bytes(sent).buffer) : new Int32Array(0);
}

const NOT_KNOWN = 255;

/** What was measured of a point in percent, {skill, accuracy, low, high}, or null; low is null where rows are unknown. */
export function measuredOf(points, i) {
  const [skill, accuracy, low, high] = points.measured.subarray(4 * i, 4 * i + 4);
  if (skill === NOT_KNOWN) return null;
  return low === NOT_KNOWN ? { skill, accuracy, low: null, high: null } : { skill, accuracy, low, high };
}

/** For what plotly reads as its own kind of HTML. */
export const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

export const nameOf = (id) => id.slice(id.indexOf(":") + 1);

export function shorten(name, longest) {
  const line = name.replace(/\s+/g, " ").trim();
  if (line.length <= longest) return line;
  const head = Math.floor(((longest - 1) * 2) / 3);
  return `${line.slice(0, head)}…${line.slice(line.length - (longest - 1 - head))}`;
}
