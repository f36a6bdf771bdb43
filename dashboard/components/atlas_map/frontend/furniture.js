// Around the plot: tool buttons, the hover card, and what a screen reader hears. Text goes in as text, never as HTML.

import { measuredOf, nameOf, shorten } from "./unpack.js";

const ICONS = {
  pan: "M8 1.5v13M1.5 8h13M8 1.5 6 3.5M8 1.5l2 2M8 14.5l-2-2M8 14.5l2-2M1.5 8l2-2M1.5 8l2 2M14.5 8l-2-2M14.5 8l-2 2",
  select: "M2.5 3.5h11v9h-11z",
  lasso: "M8 3c3.6 0 6 1.6 6 3.8S11.600 10.600 8 10.600 2 9 2 6.800 4.400 3 8 3zM5.500 10.300c-1 .8-1 2.200.3 2.700",
  in: "M8 3v10M3 8h10",
  out: "M3 8h10",
  fit: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
};
const TOOLS = [["pan", "Move the map"], ["select", "Select a rectangle"], ["lasso", "Select by lasso"]];
const ACTIONS = [["in", "Closer"], ["out", "Farther"], ["fit", "Whole map"]];

function element(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent.appendChild(made);
  return made;
}

function button(parent, name, title, act) {
  const made = element("button", "atlas-tool", parent);
  made.type = "button";
  made.title = title;
  made.setAttribute("aria-label", title);
  made.dataset.tool = name;
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  icon.appendChild(path);
  made.appendChild(icon);
  made.addEventListener("click", act);
  return made;
}

export class Toolbar {
  constructor(root, { setMode, act, save }) {
    this.bar = element("div", "atlas-tools", root);
    this.bar.setAttribute("role", "toolbar");
    this.bar.setAttribute("aria-label", "Map tools");
    this.modes = TOOLS.map(([name, title]) => [name, button(this.bar, name, title, () => setMode(name))]);
    this.gap = element("i", "atlas-gap", this.bar);
    ACTIONS.forEach(([name, title]) => button(this.bar, name, title, () => act(name)));
    element("i", "atlas-gap", this.bar);
    for (const format of ["png", "svg"]) {
      const made = element("button", "atlas-tool atlas-save", this.bar);
      Object.assign(made, { type: "button", textContent: format.toUpperCase(), title: `Save the map as ${format.toUpperCase()}, on white, fit for a paper` });
      made.addEventListener("click", () => save(format));
    }
  }

  show(mode, flat) {
    this.gap.hidden = !flat;
    this.modes.forEach(([name, made]) => {
      made.setAttribute("aria-pressed", String(name === mode));
      made.hidden = !flat;
    });
  }
}

/** How well it does its job, and how sure that is. */
function skillWords(points, i) {
  const found = measuredOf(points, i);
  if (!found) return "";
  const sure = found.low === null ? "" : `, 95\u00a0% interval ${found.low} to ${found.high}\u00a0%`;
  const weak = found.skill < points.weak ? ": close to guessing" : "";
  return `accuracy ${found.accuracy}\u00a0%${sure}\nskill ${(found.skill / 100).toFixed(2)}${weak}`;
}

export class Card {
  constructor(root) {
    this.root = root;
    this.card = element("div", "atlas-card", root);
    this.title = element("b", "", this.card);
    this.kind = element("span", "", this.card);
    this.more = element("small", "", this.card);
    this.note = element("div", "atlas-note", root);
    this.heard = element("div", "atlas-heard", root);
    this.heard.setAttribute("aria-live", "polite");
    this.hide();
  }

  /** Only now is the text of one point put together. */
  show(points, i, [x, y], { aloud = false, selected = false } = {}) {
    const family = points.families[points.family[i]].name;
    const kind = points.kinds[points.kind[i]];
    this.title.textContent = shorten(nameOf(points.ids[i]), 70);
    this.kind.textContent = `${kind}, ${family}`;
    const shade = points.shaded && points.shades[points.shade[i]].name;
    const lines = [shade, points.own.has(i) && "yours", points.outlines[points.outline[i]].name, skillWords(points, i)];
    this.more.textContent = lines.filter(Boolean).join("\n");
    this.more.hidden = !this.more.textContent;
    this.card.hidden = false;
    const { clientWidth: width, clientHeight: height } = this.root;
    const { offsetWidth: w, offsetHeight: h } = this.card;
    this.card.style.left = `${Math.max(6, Math.min(x + 16, x + 16 + w > width ? x - w - 16 : width))}px`;
    this.card.style.top = `${Math.max(6, Math.min(y - h / 2, height - h - 6))}px`;
    if (aloud) this.heard.textContent = `${this.title.textContent}, ${kind}, ${family}${selected ? ", selected" : ""}`;
  }

  /** A sentence in the corner of the map, or nothing. */
  remark(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  say(text) {
    this.heard.textContent = text;
  }

  hide() {
    this.card.hidden = true;
  }
}
