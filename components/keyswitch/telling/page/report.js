// The page of a report: a plot, a table, findings, decisions. All texts of the data become text nodes, never markup.
(function () {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const DAY = 86400;
  const PAGE = 50;
  const NAMED = 20;

  const text = (place) => (place === null ? null : data.texts[place]);
  const keys = data.keys.map((row, index) => {
    const key = { index };
    data.textual.forEach((name, at) => { key[name] = text(row[at]); });
    data.facts.forEach((name, at) => { key[name] = row[data.textual.length + at]; });
    key.allow = row[row.length - 1].map(text);
    key.age = key.created === null ? null : Math.max(0, data.at - key.created);
    key.idle = key.used === null ? null : Math.max(0, data.at - key.used);
    key.findings = [];
    return key;
  });
  const byId = new Map(keys.map((key) => [key.id, key]));
  const findings = data.findings.map(([group, id, user, saw, remedy, lines]) => ({
    group: data.groups[group], id: text(id), user: text(user), saw: text(saw), remedy: text(remedy), lines: lines.map(text),
  }));
  const timeline = data.timeline.map(([isDecision, date, author, summary, commit, ids]) => ({
    isDecision, date, author: text(author), summary: text(summary), commit: text(commit), ids: ids.map(text),
  }));
  for (const finding of findings) {
    if (byId.has(finding.id)) byId.get(finding.id).findings.push(finding);
  }
  for (const key of keys) {
    key.words = [key.user, key.path, key.tag, key.id, key.status, key.service, key.region, key.declared, key.reason,
      key.author, key.commit, key.summary, key.allow.join(" "), key.findings.map((f) => f.group.title).join(" ")]
      .filter(Boolean).join("\n").toLowerCase();
  }

  function make(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes || {})) {
      if (attribute === "onclick") made.addEventListener("click", value);
      else if (value === true) made.setAttribute(attribute, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(attribute, value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  }

  function plural(number, noun) { return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`; }

  function span(seconds) {
    if (seconds >= DAY) return `${Math.floor(seconds / DAY).toLocaleString("en")} d`;
    if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h`;
    return seconds >= 60 ? `${Math.floor(seconds / 60)} min` : "< 1 min";
  }

  const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const minute = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  const tone = (status) => (status === "Active" || status === "Inactive" ? status : "other");

  function lastUse(key) {
    if (!key.useKnown) return "not known";
    return key.used === null ? "never" : `${span(key.idle)} ago`;
  }

  function where(key) { return key.service ? `${key.service} · ${key.region}` : ""; }

  function declared(key) {
    if (key.declared === null) return "no entry";
    return key.declared === "" ? "observed only" : key.declared;
  }

  function decided(key) {
    if (key.decided === null) return "";
    return key.decided === 0 ? "not committed yet" : `${key.author}, ${day(key.decided)}`;
  }

  // ---- the table

  const worst = (key) => key.findings.reduce((found, f) => Math.min(found, f.group.rank), 9);
  const LAST = Number.MAX_SAFE_INTEGER;
  const columns = [
    { title: "Owner", by: (key) => key.user.toLowerCase(), cell: (key) => [key.path === "/" ? "" : make("span", { class: "soft" }, key.path, make("wbr")), key.user, key.tag ? make("div", { class: "soft" }, `${data.ownerTag}: ${key.tag}`) : ""], of: "wide" },
    { title: "Access key", by: (key) => key.id, cell: (key) => [keyButton(key.id, true)], of: "key-id" },
    { title: "Status", by: (key) => key.status, cell: (key) => [make("span", { class: `badge s-${tone(key.status)}` }, key.status)] },
    { title: "Age", by: (key) => (key.age === null ? LAST : key.age), cell: (key) => [key.age === null ? "not known" : span(key.age)], of: "number" },
    { title: "Last use", by: (key) => (key.idle === null ? LAST - (key.useKnown ? 1 : 0) : key.idle), cell: (key) => [lastUse(key), where(key) ? make("div", { class: "soft" }, where(key)) : ""], of: "use" },
    { title: "Declared", by: (key) => `${key.drift ? 0 : 1}${declared(key)}`, cell: (key) => [`${declared(key)} `, key.drift ? make("span", { class: "badge v-high" }, "drift") : "", key.allow.length ? make("span", { class: "badge v-low" }, "exempt") : "", key.reason ? make("div", { class: "soft" }, key.reason) : ""], of: "wide" },
    { title: "Decided", by: (key) => (key.decided === null ? LAST : -key.decided), cell: (key) => [decided(key)], of: "date" },
    { title: "Findings", by: (key) => worst(key), cell: (key) => (key.findings.length ? key.findings.map((f) => make("span", { class: `badge v-${f.group.severity}` }, f.group.short)) : [make("span", { class: "soft" }, "none")]) },
  ];
  const filters = {
    "": () => true,
    findings: (key) => key.findings.length > 0,
    drift: (key) => key.drift,
    undeclared: (key) => key.declared === null,
    never: (key) => key.useKnown && key.used === null,
    exempt: (key) => key.allow.length > 0,
    ready: (key) => key.ready === true,
  };

  let sorted = { column: 0, descending: false };
  let found = keys;
  let page = 0;
  let selected = null;
  let printing = false;

  // A button that selects a key; the one in the table opens and closes its details.
  function keyButton(id, opens) {
    const isOpen = id === selected;
    const button = make("button", { type: "button", class: "key", onclick: () => (opens && id === selected ? close() : select(id, true)) }, id);
    if (opens) button.setAttribute("aria-expanded", String(isOpen));
    return button;
  }

  const header = document.querySelector("#table thead tr");
  columns.forEach((column, at) => {
    const button = make("button", { type: "button", onclick: () => sortBy(at) }, column.title);
    header.append(make("th", { scope: "col" }, button));
  });

  function sortBy(at) {
    sorted = { column: at, descending: sorted.column === at && !sorted.descending };
    page = 0;
    refresh();
  }

  function refresh() {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const status = $("status").value;
    const shows = filters[$("show").value];
    const by = columns[sorted.column].by;
    found = keys.filter((key) => (!status || key.status === status) && shows(key) && words.every((word) => key.words.includes(word)));
    const values = new Map(found.map((key) => [key, by(key)]));
    const sign = sorted.descending ? -1 : 1;
    found.sort((a, b) => {
      const left = values.get(a), right = values.get(b);
      return left < right ? -sign : left > right ? sign : a.index - b.index;
    });
    page = Math.min(page, Math.max(0, Math.ceil(found.length / PAGE) - 1));
    $("shown").textContent = found.length === keys.length ? plural(keys.length, "key") : `${found.length.toLocaleString("en")} of ${plural(keys.length, "key")}`;
    render();
  }

  function render() {
    const rows = printing ? found : found.slice(page * PAGE, (page + 1) * PAGE);
    const body = document.querySelector("#table tbody");
    body.replaceChildren(...rows.flatMap((key) => {
      const row = make("tr", { class: key.id === selected ? "selected" : false }, ...columns.map((column) => make("td", { class: column.of }, ...column.cell(key))));
      return key.id === selected ? [row, make("tr", { class: "open" }, make("td", { colspan: columns.length }, details(key)))] : [row];
    }));
    if (!rows.length) body.append(make("tr", {}, make("td", { colspan: columns.length }, "No key is like that.")));
    [...header.children].forEach((cell, at) => {
      if (at === sorted.column) cell.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    $("page").textContent = `Page ${page + 1} of ${pages}`;
    $("previous").disabled = page === 0;
    $("next").disabled = page >= pages - 1;
  }

  // ---- the selected key

  function select(id, focus) {
    const key = byId.get(id);
    selected = id;
    if (!found.includes(key)) {
      $("search").value = $("status").value = $("show").value = "";
      refresh();
    }
    page = Math.floor(found.indexOf(key) / PAGE);
    render();
    if (chart) chart.mark(key);
    const row = document.querySelector("#table .selected");
    if (focus) row.querySelector(".key").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    row.nextElementSibling.scrollIntoView({ block: "nearest" });
  }

  function close() {
    const id = selected;
    selected = null;
    render();
    if (chart) chart.mark(null);
    [...document.querySelectorAll("#table .key")].find((button) => button.textContent === id).focus({ preventScroll: true });
  }

  function details(key) {
    const facts = [
      ["Owner", `${key.path === "/" ? "" : key.path}${key.user}`],
      [data.ownerTag, data.ownerTag && (key.tag || "not set")],
      ["Created", key.created === null ? "not known" : `${day(key.created)}, ${span(key.age)} ago`],
      ["Last use", key.used === null ? lastUse(key) : `${minute(key.used)}, ${lastUse(key)}, by ${key.service} from ${key.region}`],
      ["Declared", declared(key) + (key.drift ? " (drift)" : "")],
      ["Reason", key.reason],
      ["Exemptions", key.allow.length ? `may pass ${key.allow.join(", ")}` : ""],
      ["Decided", decided(key)],
      ["Commit", key.commit ? `${key.commit.slice(0, 12)} ${key.summary}` : ""],
      ["Entry", key.place],
      ["Inactive since", key.status === "Active" ? "" : key.off === null ? "not known" : key.offExactly ? `${day(key.off)}, ${span(data.at - key.off)} ago` : `before ${day(key.off)}`],
      ["Ready to delete", key.ready === true ? "yes" : ""],
    ].filter(([, value]) => value);
    return make("div", { class: "facts" },
      make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
      key.findings.length ? make("div", {}, ...key.findings.flatMap((finding) => [
        make("p", {}, badge(finding.group), `${finding.group.title}: ${finding.saw}. ${finding.remedy}.`), configuration(finding.lines)])) : null);
  }

  const badge = (group) => make("span", { class: `badge v-${group.severity}` }, group.severity);
  const configuration = (lines) => (lines.length ? make("pre", {}, lines.join("\n")) : null);

  // ---- findings, exemptions, decisions

  // Appends the first items to a list, and a button that appends more; printing shows what has been asked for.
  function listed(list, items, item, after) {
    let shown = 0;
    const more = make("button", { type: "button", class: "more", onclick: () => append() });
    function append() {
      list.append(...items.slice(shown, shown + NAMED).map(item));
      shown = Math.min(items.length, shown + NAMED);
      more.textContent = `Show more (${plural(items.length - shown, "other")})`;
      more.hidden = shown === items.length;
    }
    append();
    after.append(more);
  }

  function showFindings() {
    if (!findings.length) $("findings").append(make("p", {}, "Nothing was found."));
    for (const group of data.groups) {
      const members = findings.filter((finding) => finding.group === group);
      const list = make("ul");
      const box = make("details", { open: group.rank === 0 },
        make("summary", {}, badge(group), `${group.title} · ${group.control ? group.control + " · " : ""}${plural(members.length, "key")}`), list);
      listed(list, members, (finding) => make("li", {},
        finding.id === null ? make("strong", {}, "root") : byId.has(finding.id) ? keyButton(finding.id) : make("code", {}, finding.id),
        ` ${finding.user}: ${finding.saw}. ${finding.remedy}.`, configuration(finding.lines)), box);
      $("findings").append(box);
    }
  }

  function showExemptions() {
    const exempt = keys.filter((key) => key.allow.length);
    $("exemptions-section").hidden = !exempt.length;
    listed($("exemptions"), exempt, (key) => make("li", {}, keyButton(key.id), ` ${key.user}: may pass ${key.allow.join(", ")}; ${key.reason}`), $("exemptions").parentNode);
  }

  function showTimeline() {
    const list = $("timeline");
    if (!timeline.length) list.append(make("li", {}, "Who decided is not known: no stack was compared, or git does not know its file."));
    listed(list, timeline, (event) => {
      const when = event.date === null ? make("strong", {}, "not committed yet") : make("time", { datetime: day(event.date) }, day(event.date));
      const what = !event.isDecision ? " deactivated in AWS" : event.date === null ? "" : ` ${event.author}: ${event.summary} `;
      const commit = event.commit ? make("code", { class: "soft" }, event.commit.slice(0, 12)) : "";
      const box = make("div", { class: "keys" });
      const folded = make("details", {}, make("summary", {}, plural(event.ids.length, "key")), box);
      listed(box, event.ids, (id) => keyButton(id), folded);
      return make("li", {}, when, what, commit, folded);
    }, list.parentNode);
  }

  // ---- the plot

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
    const oldest = Math.max(120, ...drawn.map((key) => days(key.age)));
    const never = oldest * 2.2;
    const groups = [["Active", "active", "circle"], ["Inactive", "inactive", "triangle"], ["other", "other", "rect"]];
    const point = (key) => ({ x: days(key.age), y: key.idle === null ? never : days(key.idle), key });
    const datasets = groups.map(([status, , pointStyle]) => ({
      label: status, pointStyle, radius: 4, hoverRadius: 6, data: drawn.filter((key) => tone(key.status) === status).map(point),
    })).filter((set) => set.data.length);
    datasets.unshift({ label: "Selected", pointStyle: "circle", radius: 9, hoverRadius: 9, borderWidth: 3, data: [] });
    const ticks = [1, 7, 30, 90, 365, 1000, 3000];
    const scale = (title, max) => ({
      type: "logarithmic", min: 0.4, max, title: { display: true, text: title }, grid: {}, border: {},
      afterBuildTicks: (axis) => { axis.ticks = [...ticks.filter((tick) => tick < (title.startsWith("Last") ? never / 2 : oldest * 1.5)), ...(title.startsWith("Last") ? [never] : [])].map((value) => ({ value })); },
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
        const y = scales.y.getPixelForValue(data.unusedDays), x = scales.x.getPixelForValue(data.rotatedDays);
        ctx.moveTo(area.left, y); ctx.lineTo(area.right, y);
        ctx.moveTo(x, area.top); ctx.lineTo(x, area.bottom);
        ctx.stroke();
        ctx.restore();
      },
    };
    const made = new Chart($("plot"), {
      type: "scatter",
      data: { datasets },
      plugins: [thresholds],
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, normalized: true,
        scales: { x: scale("Age of the key", oldest * 1.5), y: scale("Last use, days ago", never * 1.4) },
        interaction: { mode: "nearest", intersect: true },
        onHover: (event, elements) => { event.native.target.style.cursor = elements.length ? "pointer" : "default"; },
        onClick: (event, elements) => { if (elements.length) select(made.data.datasets[elements[0].datasetIndex].data[elements[0].index].key.id, false); },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, boxHeight: 7, filter: (item) => item.text !== "Selected" } },
          tooltip: { displayColors: false, callbacks: { label: ({ raw }) => `${raw.key.user} ${raw.key.id}`, afterLabel: ({ raw }) => `${raw.key.status}, ${span(raw.key.age)} old, last use: ${lastUse(raw.key)}` } },
        },
      },
    });
    made.mark = (key) => { datasets[0].data = key && key.age !== null && key.useKnown ? [point(key)] : []; made.update(); };
    made.paint = () => {
      const ink = color("soft"), line = color("line");
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

  // ---- theme and paper

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
      if (on) { box.dataset.was = String(box.open); box.open = true; } else { box.open = box.dataset.was === "true"; }
    }
    render();
    if (chart) {
      if (on) chart.resize(1000, 300); else chart.resize();
      chart.paint();
    }
  }

  // ---- the start

  for (const status of [...new Set(keys.map((key) => key.status))].sort()) $("status").append(make("option", { value: status }, status));
  for (const id of ["search", "status", "show"]) $(id).addEventListener("input", () => { page = 0; refresh(); });
  $("previous").addEventListener("click", () => { page -= 1; render(); });
  $("next").addEventListener("click", () => { page += 1; render(); });
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; themed(); });
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
  requestAnimationFrame(() => setTimeout(() => { chart = plot(); if (selected) chart.mark(byId.get(selected)); document.documentElement.dataset.ready = "true"; }));
})();
