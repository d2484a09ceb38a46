// Light, dark, or as the reader's system is set: chosen here, kept by the browser, and set at the start by theme.js.

const NEXT = {auto: "light", light: "dark", dark: "auto"};

export const theme = () => document.documentElement.dataset.theme || "auto";

export function nextTheme() {
  const chosen = NEXT[theme()];
  if (chosen === "auto") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("troupe-theme");
  } else {
    document.documentElement.dataset.theme = chosen;
    localStorage.setItem("troupe-theme", chosen);
  }
}
