const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".grid-table");
  const make = (tag, className, parent, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  };
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.at : null;
  root.replaceChildren();
  const table = make("table", "", root);
  table.setAttribute("aria-label", data.label);
  const head = make("tr", "", make("thead", "", table));
  make("th", "corner", head, "Prompt").scope = "col";
  for (const model of data.models) make("th", "", head, model).scope = "col";
  const body = make("tbody", "", table);
  const at = (row, column) => body.querySelector(`button[data-at="${row} ${column}"]`);
  data.rows.forEach((row, i) => {
    const line = make("tr", "", body);
    make("th", "", line, row.prompt).scope = "row";
    row.cells.forEach((cell, j) => {
      const button = make("button", ["cell", cell.kind, cell.picked && "picked"].filter(Boolean).join(" "), make("td", "", line));
      button.type = "button";
      button.dataset.at = `${i} ${j}`;
      if (cell.title) button.title = cell.title;
      button.setAttribute("aria-label", [row.prompt, data.models[j], cell.title || cell.main].join(", "));
      button.setAttribute("aria-pressed", String(Boolean(cell.picked)));
      if (cell.look) {
        const [ground, ink, darkGround, darkInk] = cell.look;
        button.style.background = `light-dark(${ground}, ${darkGround})`;
        button.style.color = `light-dark(${ink}, ${darkInk})`;
      }
      const main = make("span", "main", button, cell.main);
      if (cell.group) make("sup", "", main, String(cell.group));
      if (cell.note) make("small", "", button, cell.note);
      button.onclick = () => setTriggerValue("cell", [i, j]);
      button.onkeydown = (event) => {
        const step = STEPS[event.key];
        const next = step && at(i + step[0], j + step[1]);
        if (next) {
          event.preventDefault();
          next.focus();
        }
      };
    });
  });
  if (focused) at(...focused.split(" "))?.focus();
  root.dataset.drawn = "";
}
