// A text area tells the server what was typed when it is left, or on Ctrl and Enter. Here a pause is enough.

const PAUSE_MS = 450;

export default function ({ data }) {
  const waiting = new Map();
  const commit = (area) => {
    waiting.delete(area);
    if (area.isConnected) area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true }));
  };
  const typed = (event) => {
    const area = event.target;
    if (area.tagName !== "TEXTAREA" || event.isComposing || !data.keys.some((key) => area.closest(`.st-key-${key}`))) return;
    clearTimeout(waiting.get(area));
    waiting.set(area, setTimeout(commit, PAUSE_MS, area));
  };
  document.addEventListener("input", typed);
  return () => {
    document.removeEventListener("input", typed);
    waiting.forEach(clearTimeout);
  };
}
