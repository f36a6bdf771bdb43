// What the theme says, read from the page: this component has no colours of its own but the families'.

export function readTheme(element) {
  const style = getComputedStyle(element);
  const get = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const surface = get("--st-background-color", "#FCFCFA");
  return {
    surface,
    ink: get("--st-text-color", "#1B1F23"),
    accent: get("--st-primary-color", "#1F5FA8"),
    font: get("--st-font", "sans-serif"),
    dark: luminance(surface) < 0.4,
  };
}

function channels(colour) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour;
  const shown = probe.fillStyle;
  if (shown.startsWith("#")) return [1, 3, 5].map((k) => parseInt(shown.slice(k, k + 2), 16));
  return shown.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function luminance(colour) {
  const [r, g, b] = channels(colour);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}

/** `share` of the first colour in the second. */
export function mix(colour, other, share) {
  const [a, b] = [channels(colour), channels(other)];
  return `rgb(${a.map((v, i) => Math.round(v * share + b[i] * (1 - share))).join(",")})`;
}

export function fade(colour, alpha) {
  return `rgba(${channels(colour).join(",")},${alpha})`;
}

/** Calls back when the page's colours change, whoever changed them: a transition of a colour that follows the theme. */
export function watchTheme(element, changed) {
  const probe = document.createElement("i");
  probe.className = "atlas-theme-probe";
  element.appendChild(probe);
  probe.addEventListener("transitionend", changed);
}
