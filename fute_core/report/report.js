// Draws the figures of a report, fits them to the window and to paper, and saves pictures and numbers.
const NARROW = 620;
const PICTURE = { width: 1000, scale: 3 };
const read = (id) => JSON.parse(document.getElementById(id).textContent);

/** On a narrow page keys stand below the chart and names take less room, so that the chart keeps the width. */
function fitted(layout, width) {
  const base = { ...layout, autosize: true, width: undefined, paper_bgcolor: "#FFFFFF00" };
  if (width >= NARROW) return base;
  const below = { orientation: "h", x: 0, xanchor: "left", yanchor: "top", font: { size: 11 } };
  return { ...base, legend: { ...layout.legend, ...below, y: -0.08 }, legend2: layout.legend2 && { ...layout.legend2, ...below, y: -0.02 },
    annotations: [], margin: { ...layout.margin, l: 4, r: 4 } };
}

/** A colour bar at the side takes a third of a phone. */
const traces = (data, width) => width >= NARROW ? data : data.map((t) => t.colorbar ? { ...t, showscale: false } : t);

function draw(box, width) {
  const figure = read(box.dataset.from);
  return Plotly.react(box, traces(figure.data, width), fitted(figure.layout, width), { responsive: true, displayModeBar: false });
}

const boxes = [...document.querySelectorAll(".figure")];
const widthOf = (box) => box.clientWidth;
boxes.forEach((box) => draw(box, widthOf(box)));
let wide = innerWidth;
addEventListener("resize", () => {
  if ((wide < NARROW) !== (innerWidth < NARROW)) boxes.forEach((box) => draw(box, widthOf(box)));
  wide = innerWidth;
});
addEventListener("beforeprint", () => boxes.forEach((box) => Plotly.Plots.resize(box)));

function save(name, href) {
  const link = Object.assign(document.createElement("a"), { download: name, href });
  document.body.appendChild(link).click();
  link.remove();
}

async function picture(number, format, name) {
  const figure = read(`data-${number}`);
  const layout = { ...figure.layout, paper_bgcolor: "#FFFFFF", plot_bgcolor: "#FFFFFF" };
  const height = figure.layout.height || 640;
  save(`${name}.${format}`, await Plotly.toImage({ data: figure.data, layout }, { ...PICTURE, format, height }));
}

function numbers(number, name) {
  const blob = new Blob(["\ufeff", read(`csv-${number}`)], { type: "text/csv" });
  const href = URL.createObjectURL(blob);
  save(`${name}.csv`, href);
  setTimeout(() => URL.revokeObjectURL(href), 10000);
}

for (const button of document.querySelectorAll("button[data-format]")) {
  const { finding, format, name } = button.dataset;
  button.onclick = () => (format === "csv" ? numbers(finding, name) : picture(finding, format, name));
}
