// Shows the report as slides: arrows, Home and End turn them, Escape leaves, F fills the screen, D changes the light.
const PAPER = "@page { size: 13.333in 7.5in; margin: 0; }";
const SHEET_PX = { width: 1193, height: 451 };
const slides = [...document.querySelectorAll("body > header, main > section")];
const bar = document.querySelector(".stage");
const paper = Object.assign(document.createElement("style"), { media: "print", textContent: PAPER });
let now = 0;

const shown = () => document.body.classList.contains("slides");
const inked = (thing, ink) => (thing?.textfont ? { ...thing, textfont: { ...thing.textfont, color: ink } } : thing);

/** Keys no larger than lets all of them stand beside the figure. */
function keys({ data, layout }, size, height) {
  const many = data.filter((t) => t.name && t.showlegend !== false && !t.legend).length;
  const { t = 80, b = 80 } = layout.margin ?? {};
  const row = (height - t - b) / (many + 2.5);
  return { ...layout.legend, font: { ...layout.legend?.font, size: Math.max(10, Math.min(size, row / 1.5)) } };
}

/** A figure in the room and the ink of its slide; on paper always in dark ink on a sheet. */
function drawn(box, size) {
  const figure = read(box.dataset.from);
  const ink = size ? "#1b1f23" : getComputedStyle(document.body).color;
  const { width, height } = size ?? { width: box.clientWidth, height: box.clientHeight };
  if (!width || !height) return;
  const letters = Math.max(13, width / 75);
  const base = fitted(figure.layout, width);
  const layout = { ...base, autosize: false, width, height, font: { ...figure.layout.font, color: ink, size: letters },
    ...(width >= NARROW && { legend: keys({ data: figure.data, layout: base }, letters, height) }),
    plot_bgcolor: "rgba(0,0,0,0)", annotations: (figure.layout.annotations ?? []).map((a) => ({ ...a, font: { ...a.font, color: ink } })) };
  Plotly.react(box, traces(figure.data, width).map((t) => inked(t, ink)), layout, { displayModeBar: false });
}

function show(to) {
  now = Math.min(Math.max(to, 0), slides.length - 1);
  slides.forEach((slide, n) => slide.classList.toggle("now", n === now));
  bar.querySelector(".at").textContent = `${now + 1} of ${slides.length}`;
  bar.querySelector("[data-go=back]").disabled = now === 0;
  bar.querySelector("[data-go=on]").disabled = now === slides.length - 1;
  slides[now].scrollTop = 0;
  slides[now].querySelectorAll(".figure").forEach((box) => drawn(box));
  slides[now].querySelectorAll(".scroll").forEach(whole);
  slides[now].querySelectorAll(".note").forEach((note) => note.classList.toggle("more", note.scrollHeight > note.clientHeight + 2));
}

/** A table that has less room than rows ends with a whole one, where a line below says that there are more. */
function whole(box) {
  box.style.maxHeight = "";
  if (!box.nextElementSibling?.matches(".slides-only") || box.scrollHeight <= box.clientHeight) return;
  const top = box.getBoundingClientRect().top;
  const ends = [...box.querySelectorAll("tr")].map((row) => row.getBoundingClientRect().bottom - top);
  box.style.maxHeight = `${Math.max(0, ...ends.filter((end) => end > 0 && end <= box.clientHeight))}px`;
}

function begin(at = 0) {
  document.body.classList.add("slides");
  document.body.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);
  document.querySelectorAll(".figure").forEach((box) => { box.dataset.height ??= box.style.height; box.style.height = ""; });
  document.head.appendChild(paper);
  show(at);
  window.focus();
}

function leave() {
  document.body.classList.remove("slides", "dark");
  paper.remove();
  document.querySelectorAll(".figure").forEach((box) => { box.style.height = box.dataset.height; draw(box, widthOf(box)); });
  (slides[now] ?? document.body).scrollIntoView();
}

const full = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.());
const light = () => { document.body.classList.toggle("dark"); show(now); };
const GO = { back: () => show(now - 1), on: () => show(now + 1), full, light, print: () => print(), leave };
const KEYS = { ArrowRight: GO.on, ArrowDown: GO.on, PageDown: GO.on, " ": GO.on, ArrowLeft: GO.back, ArrowUp: GO.back, PageUp: GO.back,
  Home: () => show(0), End: () => show(slides.length - 1), Escape: leave, f: full, d: light };

for (const button of bar.querySelectorAll("button")) button.onclick = GO[button.dataset.go];
document.querySelector("[data-present]").onclick = () => begin();
addEventListener("keydown", (event) => {
  if (!shown() || event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
  if (event.key === " " && event.target.tagName === "BUTTON") return;
  event.preventDefault();
  KEYS[event.key]();
});
addEventListener("resize", () => shown() && show(now));
addEventListener("beforeprint", () => shown() && document.querySelectorAll(".figure").forEach((box) => drawn(box, SHEET_PX)));
addEventListener("afterprint", () => shown() && show(now));
if (document.body.dataset.open === "slides" || location.hash === "#slides") begin();
