// The map before plotly.js is there: the same marks and names on a canvas. A browser reads plotly.js for about a second.

const DIAMOND = 1.3; // as in plotly.js: so much further from the middle than the edge of a square

const PATHS = {
  circle: (pen, r) => pen.arc(0, 0, r, 0, 2 * Math.PI),
  square: (pen, r) => pen.rect(-r, -r, 2 * r, 2 * r),
  diamond: (pen, r) => {
    const d = r * DIAMOND;
    [[d, 0], [0, d], [-d, 0], [0, -d]].forEach(([x, y]) => pen.lineTo(x, y));
    pen.closePath();
  },
};

const STILL = 4; // pixels that a pointer may move between down and up to mean a click, and no drag

export class Sketch {
  /** onClick(left, top, more): a click on the map and none of its buttons. */
  constructor(root, onClick) {
    this.canvas = root.insertBefore(document.createElement("canvas"), root.firstChild);
    this.canvas.className = "atlas-plot";
    this.over = new AbortController();
    const listen = (name, act) => root.addEventListener(name, act, { signal: this.over.signal });
    let from = null;
    listen("pointerdown", (event) => (from = event));
    listen("click", (event) => {
      const moved = from ? Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) : Infinity;
      if (moved > STILL || event.target.closest("button")) return;
      const box = root.getBoundingClientRect();
      onClick(event.clientX - box.left, event.clientY - box.top, event.shiftKey || event.ctrlKey || event.metaKey);
    });
  }

  /** Traces and layout as plotly takes them; toPixels(x, y) -> [left, top]. Lines between points are left to plotly. */
  draw(traces, layout, toPixels) {
    const { canvas } = this;
    const fine = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: layout.width * fine, height: layout.height * fine });
    Object.assign(canvas.style, { width: `${layout.width}px`, height: `${layout.height}px` });
    const pen = canvas.getContext("2d");
    pen.scale(fine, fine);
    traces.filter((trace) => trace.mode === "markers").forEach((trace) => marks(pen, trace, toPixels));
    layout.annotations.forEach((name) => written(pen, name, layout));
  }

  remove() {
    this.canvas.remove();
    this.over.abort();
  }
}

function marks(pen, { x, y, marker }, toPixels) {
  const { symbol = "circle", size, opacity = 1, line } = marker;
  const open = symbol.endsWith("-open");
  const path = PATHS[symbol.replace("-open", "")];
  const each = (value, i) => (typeof value === "string" ? value : value[i]);
  for (let i = 0; i < x.length; i++) {
    pen.save();
    pen.translate(...toPixels(x[i], y[i]));
    pen.globalAlpha = opacity;
    pen.beginPath();
    path(pen, size / 2);
    if (!open) {
      pen.fillStyle = marker.colorscale ? marker.colorscale[marker.color[i]][1] : each(marker.color, i);
      pen.fill();
    }
    if (line.width) {
      Object.assign(pen, { lineWidth: line.width, strokeStyle: open ? marker.color : each(line.color, i) });
      pen.stroke();
    }
    pen.restore();
  }
}

function written(pen, { text, font, x, y, bgcolor, xanchor }, { width, height }) {
  if (xanchor !== "center") return;
  Object.assign(pen, { font: `${font.weight ?? 400} ${font.size}px ${font.family}`, textAlign: "center", textBaseline: "middle" });
  const words = new DOMParser().parseFromString(text, "text/html").body.textContent; // names are escaped for plotly
  const across = pen.measureText(words).width;
  pen.fillStyle = bgcolor ?? "transparent";
  pen.fillRect(x * width - across / 2, (1 - y) * height - font.size * 0.65, across, font.size * 1.3);
  pen.fillStyle = font.color;
  pen.fillText(words, x * width, (1 - y) * height);
}
