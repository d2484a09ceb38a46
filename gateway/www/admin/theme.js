// Sets the look that was chosen before anything is drawn: this is no module, so that it runs at once.
(() => {
  const chosen = localStorage.getItem("troupe-theme");
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
})();
