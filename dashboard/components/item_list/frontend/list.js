/** A list and the map tell one another by it which item is under the pointer: detail {id, by}. */
const POINTED = "task-atlas-pointed";

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".item-list");
  const make = (tag, className, parent, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  };
  const SHAPES = {
    dataset: ["circle", { cx: 8, cy: 8, r: 6.5 }],
    model: ["rect", { x: 2, y: 2, width: 12, height: 12 }],
    prompt: ["rect", { x: 2.6, y: 2.6, width: 10.8, height: 10.8, transform: "rotate(45 8 8)" }],
  };
  const mark = (row, parent) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    const [name, values] = SHAPES[row.kind];
    const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries({ ...values, fill: row.colour }).forEach(([k, v]) => shape.setAttribute(k, v));
    if (row.weak) svg.setAttribute("class", "weak");
    svg.appendChild(shape);
    parent.appendChild(svg);
  };
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  root.replaceChildren();
  root.setAttribute("aria-label", data.label);
  for (const row of data.rows) {
    if (row.line) make("li", "cut-off", root, row.line);
    const line = make("li", [row.current && "current", row.dim && "dim"].filter(Boolean).join(" "), root);
    const pick = make("button", "pick", line);
    pick.type = "button";
    pick.dataset.act = `pick ${row.id}`;
    if (row.title) pick.title = row.title;
    if (row.number) make("span", "number", pick, String(row.number));
    mark(row, pick);
    line.dataset.id = row.id;
    const tell = (id) => () => window.dispatchEvent(new CustomEvent(POINTED, { detail: { id, by: root } }));
    line.onmouseenter = pick.onfocus = tell(row.id);
    line.onmouseleave = pick.onblur = tell(null);
    const words = make("span", "words", pick);
    make("span", "name", words, row.name);
    if (row.note) make("small", "", words, row.note);
    if (row.value !== null) {
      const bar = make("i", "bar", words);
      make("b", "", bar).style.width = `${Math.max(0, Math.min(1, row.value)) * 100}%`;
    }
    if (row.figure) make("span", "figure", pick, row.figure);
    pick.onclick = () => setTriggerValue("picked", row.id);
    if (data.droppable) {
      const drop = make("button", "drop", line, "×");
      drop.type = "button";
      drop.dataset.act = `drop ${row.id}`;
      drop.title = "Take out";
      drop.setAttribute("aria-label", `Take ${row.name} out`);
      drop.onclick = () => setTriggerValue("dropped", row.id);
    }
  }
  if (!root.pointed) {
    root.pointed = ({ detail }) => {
      for (const line of root.children) line.classList.toggle("pointed", detail.by !== root && line.dataset.id === detail.id);
    };
    window.addEventListener(POINTED, root.pointed);
  }
  if (focused) [...root.querySelectorAll("button")].find((b) => b.dataset.act === focused)?.focus();
  return () => {
    window.removeEventListener(POINTED, root.pointed);
    root.pointed = null;
  };
}
