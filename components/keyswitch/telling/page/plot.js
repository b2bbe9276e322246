// The plot of age against last use, drawn by Chart.js.

const color = (name) => {
  const probe = make("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
};

let chart = null;

function plot() {
  const days = (seconds) => Math.max(0.5, seconds / DAY);
  const drawn = keys.filter((key) => key.age !== null && key.useKnown);
  const oldest = drawn.reduce((most, key) => Math.max(most, days(key.age)), 120);
  const never = oldest * 2.2;
  const groups = [
    ["Active", "active", "circle"],
    ["Inactive", "inactive", "triangle"],
    ["other", "other", "rect"],
  ];
  const point = (key) => ({ x: days(key.age), y: key.idle === null ? never : days(key.idle), key });
  const datasets = groups
    .map(([status, , pointStyle]) => ({
      label: status,
      pointStyle,
      radius: 4,
      hoverRadius: 6,
      data: drawn.filter((key) => tone(key.status) === status).map(point),
    }))
    .filter((set) => set.data.length);
  datasets.unshift({ label: "Selected", pointStyle: "circle", radius: 9, hoverRadius: 9, borderWidth: 3, data: [] });
  const ticks = [1, 7, 30, 90, 365, 1000, 3000];
  const scale = (title, max) => ({
    type: "logarithmic",
    min: 0.4,
    max,
    title: { display: true, text: title },
    grid: {},
    border: {},
    afterBuildTicks: (axis) => {
      axis.ticks = [
        ...ticks.filter((tick) => tick < (title.startsWith("Last") ? never / 2 : oldest * 1.5)),
        ...(title.startsWith("Last") ? [never] : []),
      ].map((value) => ({ value }));
    },
    ticks: { callback: (value) => (value === never ? "never" : `${value.toLocaleString("en")} d`) },
  });
  const thresholds = {
    id: "thresholds",
    beforeDatasetsDraw(shown) {
      const { ctx, chartArea: area, scales } = shown;
      ctx.save();
      ctx.strokeStyle = color("soft");
      ctx.setLineDash([5, 5]);
      ctx.beginPath();
      const y = scales.y.getPixelForValue(data.unusedDays),
        x = scales.x.getPixelForValue(data.rotatedDays);
      ctx.moveTo(area.left, y);
      ctx.lineTo(area.right, y);
      ctx.moveTo(x, area.top);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };
  const made = new Chart($("plot"), {
    type: "scatter",
    data: { datasets },
    plugins: [thresholds],
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      normalized: true,
      scales: { x: scale("Age of the key", oldest * 1.5), y: scale("Last use, days ago", never * 1.4) },
      interaction: { mode: "nearest", intersect: true },
      onHover: (event, elements) => {
        event.native.target.style.cursor = elements.length ? "pointer" : "default";
      },
      onClick: (event, elements) => {
        if (elements.length) select(made.data.datasets[elements[0].datasetIndex].data[elements[0].index].key.id, false);
      },
      plugins: {
        legend: {
          position: "bottom",
          labels: { usePointStyle: true, boxHeight: 7, filter: (item) => item.text !== "Selected" },
        },
        tooltip: {
          displayColors: false,
          callbacks: {
            label: ({ raw }) => `${raw.key.user} ${raw.key.id}`,
            afterLabel: ({ raw }) => `${raw.key.status}, ${span(raw.key.age)} old, last use: ${lastUse(raw.key)}`,
          },
        },
      },
    },
  });
  made.mark = (key) => {
    datasets[0].data = key && key.age !== null && key.useKnown ? [point(key)] : [];
    made.update();
  };
  made.paint = () => {
    const ink = color("soft"),
      line = color("line");
    for (const axis of Object.values(made.options.scales)) {
      axis.grid.color = axis.border.color = line;
      axis.ticks.color = axis.title.color = ink;
    }
    made.options.plugins.legend.labels.color = color("ink");
    for (const set of datasets) {
      const group = groups.find(([status]) => status === set.label);
      const hue = group ? color(group[1]) : color("accent");
      set.borderColor = hue;
      set.backgroundColor = group ? hue.replace("rgb(", "rgba(").replace(")", ", .45)") : "transparent";
    }
    made.update();
  };
  made.paint();
  return made;
}
