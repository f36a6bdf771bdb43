// Over the plot, in its own coordinates: the keyboard's cursor, and a new point landing with the room it may lie in.

const SVG = "http://www.w3.org/2000/svg";
const LANDING_MS = 1100;
const RING = 9;

function shape(name, parent, className) {
  const made = document.createElementNS(SVG, name);
  made.setAttribute("class", className);
  parent.appendChild(made);
  return made;
}

/** Axes and angle in pixels, of an ellipse in map units whose directions are drawn at different scales, up being up. */
function inPixels({ rx, ry, turn }, [across, up]) {
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const xx = across ** 2 * ((rx * c) ** 2 + (ry * s) ** 2);
  const yy = up ** 2 * ((rx * s) ** 2 + (ry * c) ** 2);
  const xy = -Math.abs(across * up) * (rx ** 2 - ry ** 2) * c * s;
  const [middle, off] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  const degrees = (Math.atan2(2 * xy, xx - yy) * 90) / Math.PI;
  return { rx: Math.sqrt(middle + off), ry: Math.sqrt(Math.max(middle - off, 0)), degrees };
}

const MOVING = ["x", "y", "rx", "ry", "turn"];

const set = (element, values) => Object.entries(values).forEach(([k, v]) => element.setAttribute(k, v));

export class Overlay {
  constructor(root) {
    this.svg = shape("svg", root, "atlas-overlay");
    this.svg.setAttribute("aria-hidden", "true");
    this.near = shape("g", this.svg, "atlas-near");
    this.trail = shape("polyline", this.svg, "atlas-trail");
    this.region = shape("ellipse", this.svg, "atlas-region");
    this.point = shape("circle", this.svg, "atlas-landed");
    this.name = shape("text", this.svg, "atlas-landed-name");
    this.cursor = shape("circle", this.svg, "atlas-cursor");
    this.at = null;
    this.cursorAt = null;
  }

  /** The nearest of an item, numbered: {from: [x, y], to: [{id, x, y, same}]} in map units, or null. */
  join(found) {
    this.joined = found;
    this.near.replaceChildren();
    this.lines = (found?.to ?? []).map((to) => shape("line", this.near, to.same ? "same" : ""));
    this.rings = (found?.to ?? []).map((to, n) => {
      const ring = shape("circle", this.near, to.same ? "same" : "");
      const number = shape("text", this.near, "");
      number.textContent = n + 1;
      return [ring, number];
    });
    this.draw();
  }

  /** The one that is pointed at elsewhere, such as in the list. */
  pointAt(id) {
    this.pointed = id;
    this.draw();
  }

  drawNear(toPixels) {
    if (!this.joined) return;
    const [x1, y1] = toPixels(...this.joined.from);
    this.joined.to.forEach((to, n) => {
      const [x, y] = toPixels(to.x, to.y);
      const far = Math.hypot(x - x1, y - y1) || 1;
      const [ux, uy] = [(x - x1) / far, (y - y1) / far];
      const [ring, number] = this.rings[n];
      // From ring to ring, so that no line runs through a number.
      set(this.lines[n], { x1: x1 + ux * RING, y1: y1 + uy * RING, x2: x - ux * RING, y2: y - uy * RING });
      this.lines[n].style.display = far > 2 * RING ? "" : "none";
      set(ring, { cx: x, cy: y, r: RING });
      set(number, { x: x + RING * 0.85, y: y - RING * 0.75 });
      const pointed = to.id === this.pointed;
      [ring, number, this.lines[n]].forEach((part) => part.classList.toggle("pointed", pointed));
    });
  }

  /** landing: {id, x, y, rx, ry, turn, trail: [[x, y], ...], name, colour} in map units, or null. */
  land(landing, still) {
    cancelAnimationFrame(this.running);
    if (!landing) {
      this.target = this.at = null;
      this.draw();
      return;
    }
    const same = this.target && this.target.id === landing.id;
    const moved = !same || MOVING.some((k) => this.target[k] !== landing[k]);
    const first = landing.trail?.[0] ?? [landing.x, landing.y];
    const { rx: long, ry: short, turn } = landing;
    const from = same && this.at ? { ...this.at } : { x: first[0], y: first[1], rx: long * 3, ry: short * 3, turn };
    from.turn += Math.PI * Math.round((turn - from.turn) / Math.PI); // half a turn of an ellipse is none
    this.target = landing;
    if (!moved && this.at) return this.draw();
    if (still) {
      this.at = Object.fromEntries(MOVING.map((k) => [k, landing[k]]));
      return this.draw();
    }
    const start = performance.now();
    const step = (now) => {
      const t = Math.min(1, (now - start) / LANDING_MS);
      const eased = 1 - (1 - t) ** 3;
      this.at = Object.fromEntries(MOVING.map((k) => [k, from[k] + (landing[k] - from[k]) * eased]));
      this.draw();
      if (t < 1) this.running = requestAnimationFrame(step);
    };
    this.running = requestAnimationFrame(step);
  }

  /** toPixels(x, y) -> [left, top]; scale: [pixels a unit across, pixels a unit up]. */
  follow(toPixels, scale) {
    this.toPixels = toPixels;
    this.scale = scale;
    this.draw();
  }

  draw() {
    const { at, target, cursorAt, toPixels, scale } = this;
    const landed = Boolean(at && toPixels);
    for (const part of [this.trail, this.region, this.point, this.name]) part.style.display = landed ? "" : "none";
    if (landed) {
      const [x, y] = toPixels(at.x, at.y);
      const { rx, ry, degrees } = inPixels(at, scale);
      set(this.region, { cx: x, cy: y, rx, ry, transform: `rotate(${degrees} ${x} ${y})` });
      set(this.point, { cx: x, cy: y, r: 7 });
      const path = [...(target.trail ?? []), [at.x, at.y]].map(([a, b]) => toPixels(a, b).map((v) => v.toFixed(1)).join(","));
      set(this.trail, { points: path.join(" ") });
      this.svg.style.setProperty("--landing", target.colour ?? "currentColor");
      if (this.name.textContent !== (target.name ?? "")) this.name.textContent = target.name ?? "";
      // To the right of the point, or as far to the left as it takes to be read whole.
      const last = this.svg.clientWidth - this.name.getComputedTextLength() - 6;
      set(this.name, { x: Math.max(6, Math.min(x + 12, last)), y: y - 10 });
    }
    if (toPixels) this.drawNear(toPixels);
    const pointed = Boolean(cursorAt && toPixels);
    this.cursor.style.display = pointed ? "" : "none";
    if (pointed) {
      const [x, y] = toPixels(...cursorAt);
      set(this.cursor, { cx: x, cy: y, r: 12 });
    }
  }
}
