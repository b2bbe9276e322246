// The theme, the paper, and the start of the page, which comes last.

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";

function themed() {
  $("theme").setAttribute("aria-pressed", String(isDark()));
  if (chart) chart.paint();
}

// Paper is light, shows all rows, and opens the findings. The styles for print are not applied yet at `beforeprint`.
let themeBefore;
function paper(on) {
  if (printing === on) return;
  printing = on;
  if (on) {
    themeBefore = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
  } else if (themeBefore) document.documentElement.dataset.theme = themeBefore;
  else delete document.documentElement.dataset.theme;
  for (const box of document.querySelectorAll("#findings details")) {
    if (on) {
      box.dataset.was = String(box.open);
      box.open = true;
    } else {
      box.open = box.dataset.was === "true";
    }
  }
  render();
  if (chart) {
    if (on) chart.resize(1000, 300);
    else chart.resize();
    chart.paint();
  }
}

for (const status of [...new Set(keys.map((key) => key.status))].sort())
  $("status").append(make("option", { value: status }, status));
for (const id of ["search", "status", "show"])
  $(id).addEventListener("input", () => {
    page = 0;
    refresh();
  });
$("previous").addEventListener("click", () => {
  page -= 1;
  render();
});
$("next").addEventListener("click", () => {
  page += 1;
  render();
});
$("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  themed();
});
$("print").addEventListener("click", () => window.print());
prefersDark.addEventListener("change", themed);
window.addEventListener("beforeprint", () => paper(true));
window.addEventListener("afterprint", () => paper(false));
matchMedia("print").addEventListener("change", (event) => paper(event.matches));

refresh();
themed();
showFindings();
showExemptions();
showTimeline();
requestAnimationFrame(() =>
  setTimeout(() => {
    chart = plot();
    if (selected) chart.mark(byId.get(selected));
    document.documentElement.dataset.ready = "true";
  }),
);
