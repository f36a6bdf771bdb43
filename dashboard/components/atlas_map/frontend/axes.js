// Axes of a map whose places mean something by themselves: what lies at their ends, numbers, and a line in the middle.

import { fade } from "./theme.js";
import { escape, shorten } from "./unpack.js";

const SIZE = 12;
const TICKS = 20;
const MARGIN = 10;
const TOOLS = 300;
const BELOW_TOOLS = 50;

/** How far down the words of the axis up stand: beside the tools, or below where the frame is narrow. */
const down = (width) => (width < 2 * TOOLS ? BELOW_TOOLS : MARGIN);

/** Annotations for {left, right, up}, in the corners where they point. */
export function axisAnnotations(axes, theme, width) {
  const longest = Math.max(12, Math.floor((width / 2 - 24) / (SIZE * 0.52)));
  const common = { xref: "paper", yref: "paper", showarrow: false, captureevents: false, bgcolor: fade(theme.surface, 0.7), borderpad: 1,
    font: { size: SIZE, weight: 600, color: fade(theme.ink, 0.8), family: theme.font } };
  const words = (text) => escape(shorten(text, longest));
  return [
    { ...common, text: `\u2190 ${words(axes.left)}`, x: 0, y: 0, xanchor: "left", yanchor: "bottom", xshift: MARGIN, yshift: TICKS },
    { ...common, text: `${words(axes.right)} \u2192`, x: 1, y: 0, xanchor: "right", yanchor: "bottom", xshift: -MARGIN, yshift: TICKS },
    { ...common, text: `\u2191 ${escape(axes.up)}`, x: 0, y: 1, xanchor: "left", yanchor: "top", xshift: MARGIN, yshift: -down(width) },
  ];
}

/** Where those stand, as boxes that names keep clear of. */
export function axisBoxes(width, height) {
  return [{ x0: 0, y0: height - TICKS - 26, x1: width, y1: height }, { x0: 0, y0: 0, x1: width / 2, y1: down(width) + 26 }];
}

/** For both axes of the layout: numbers inside the frame, since outside there is no room. */
export function ticked(theme) {
  const font = { size: 10.5, color: fade(theme.ink, 0.62), family: theme.font };
  return { showticklabels: true, ticks: "inside", ticklen: 4, nticks: 6, tickcolor: fade(theme.ink, 0.3), tickfont: font, ticklabelposition: "inside" };
}

export const middle = (theme) => ({ zeroline: true, zerolinecolor: fade(theme.ink, 0.22), zerolinewidth: 1 });
