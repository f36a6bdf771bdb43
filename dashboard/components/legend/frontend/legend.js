// Families by group and kinds, as buttons that filter; below, signs that only mean something. Text goes in as text.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".map-legend");
  const make = (tag, className, parent, text) => {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  };
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.value : null;
  const chosen = new Set(data.chosen);
  const button = (parent, field, value, shape, name, colour) => {
    const made = make("button", chosen.has(value) ? "on" : "", parent);
    Object.assign(made, { type: "button", title: `Show ${name} alone, or with what is chosen already; once more to let go` });
    made.setAttribute("aria-pressed", String(chosen.has(value)));
    made.dataset.value = value;
    make("i", `mark ${shape}`, made).style.background = colour;
    made.append(name);
    made.onclick = () => setTriggerValue("picked", [field, value]);
  };
  root.replaceChildren();
  const families = make("div", "line", root);
  for (const group of data.groups) {
    const box = make("span", "group", families);
    if (group.name) make("small", "", box, group.name);
    group.families.forEach(({ name, colour }) => button(box, "families", name, "dataset", name, colour));
  }
  for (const { name, colour } of data.shades) {
    const shown = make("span", "sign", families);
    make("i", "mark dataset", shown).style.background = colour;
    shown.append(name);
  }
  const kinds = make("div", "line", root);
  data.kinds.forEach(({ kind, name }) => button(kinds, "kinds", kind, kind, name, "#8A8A8A"));
  for (const { sign, name, colour } of data.signs) {
    const shown = make("span", "sign", kinds);
    const mark = make("i", `mark ${sign}`, shown);
    if (sign === "outline") mark.style.boxShadow = `0 0 0 1.5px ${colour}`;
    shown.append(name);
  }
  if (focused) [...root.querySelectorAll("button")].find((b) => b.dataset.value === focused)?.focus();
}
