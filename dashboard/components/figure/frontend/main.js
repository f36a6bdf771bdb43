// A pinned figure: drawn in the page's colours, saved on white. Drawn again when width or theme changes.

const NARROW = 620;
const HEIGHT = 520;
/** Pixels of the width for each name below a figure, fewer than which they lie over one another. */
const ROOM = 16;
const PICTURE = { width: 1000, scale: 3 };
const drawn = new WeakMap();

function themed(figure, root, width) {
  const style = getComputedStyle(root);
  const ink = style.color;
  const narrow = width < NARROW;
  const inked = (thing) => (thing?.textfont ? { ...thing, textfont: { ...thing.textfont, color: ink } } : thing);
  const data = figure.data.map((trace) => {
    const shown = inked(trace);
    return narrow && shown.colorbar ? { ...shown, showscale: false } : shown;
  });
  const below = { orientation: "h", x: 0, xanchor: "left", yanchor: "top", font: { size: 11 } };
  const { layout: own } = figure;
  const layout = {
    ...own,
    autosize: false,
    width,
    height: own.height || HEIGHT,
    font: { ...own.font, color: ink, family: style.fontFamily },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    annotations: narrow ? [] : (own.annotations ?? []).map((a) => ({ ...a, font: { ...a.font, color: ink } })),
  };
  if (own.xaxis?.ticktext?.length * ROOM > width) layout.xaxis = { ...own.xaxis, showticklabels: false };
  if (narrow) {
    layout.legend = { ...own.legend, ...below, y: -0.08 };
    if (own.legend2) layout.legend2 = { ...own.legend2, ...below, y: -0.02 };
  }
  return [data, layout];
}

async function save(figure, name, format) {
  const layout = { ...figure.layout, paper_bgcolor: "#FFFFFF", plot_bgcolor: "#FFFFFF" };
  const height = layout.height || 640;
  const href = await window.Plotly.toImage({ data: figure.data, layout }, { ...PICTURE, format, height });
  const link = Object.assign(document.createElement("a"), { download: `${name}.${format}`, href });
  document.body.appendChild(link).click();
  link.remove();
}

class Finding {
  constructor(root) {
    this.root = root;
    const add = (tag, className, parent) => Object.assign(parent.appendChild(document.createElement(tag)), { className });
    this.plot = add("div", "plot", root);
    const row = add("div", "out", root);
    for (const format of ["png", "svg"]) {
      const button = Object.assign(add("button", "", row), { type: "button", textContent: format.toUpperCase() });
      button.title = `Save the picture as ${format.toUpperCase()}, on white, fit for a paper`;
      button.onclick = () => save(this.figure, this.name, format);
    }
    // Its colour follows the theme, and a transition says when that changes.
    add("i", "probe", root).addEventListener("transitionend", () => this.draw());
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(root);
  }

  update(data) {
    if (data.figure !== this.sent) this.figure = JSON.parse((this.sent = data.figure));
    this.name = data.name;
    this.plot.style.minHeight = `${this.figure.layout.height || HEIGHT}px`;
    this.draw();
  }

  draw() {
    if (!this.figure || !this.root.clientWidth) return;
    const [data, layout] = themed(this.figure, this.root, this.root.clientWidth);
    window.Plotly.react(this.plot, data, layout, { displayModeBar: false }).then(() => {
      this.root.dataset.drawn = "yes";
    });
  }

  destroy() {
    this.sizes.disconnect();
    window.Plotly.purge(this.plot);
    this.root.replaceChildren();
  }
}

/** Draws or updates; returns what to do when the page goes. */
export function renderFigure({ data, parentElement }) {
  const root = parentElement.querySelector(".finding-figure");
  if (!drawn.has(root)) drawn.set(root, new Finding(root));
  drawn.get(root).update(data);
  return () => {
    drawn.get(root)?.destroy();
    drawn.delete(root);
  };
}
