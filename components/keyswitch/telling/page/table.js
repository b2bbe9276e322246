// The table of keys: sorted, searched, in pages; a selected key shows its details below its row.

const worst = (key) => key.findings.reduce((found, f) => Math.min(found, f.group.rank), 9);
const LAST = Number.MAX_SAFE_INTEGER;
const columns = [
  {
    title: "Owner",
    by: (key) => key.user.toLowerCase(),
    cell: (key) => [
      key.path === "/" ? "" : make("span", { class: "soft" }, key.path, make("wbr")),
      key.user,
      key.tag ? make("div", { class: "soft" }, `${data.ownerTag}: ${key.tag}`) : "",
    ],
    of: "wide",
  },
  { title: "Access key", by: (key) => key.id, cell: (key) => [keyButton(key.id, true)], of: "key-id" },
  {
    title: "Status",
    by: (key) => key.status,
    cell: (key) => [make("span", { class: `badge s-${tone(key.status)}` }, key.status)],
  },
  {
    title: "Age",
    by: (key) => (key.age === null ? LAST : key.age),
    cell: (key) => [key.age === null ? "not known" : span(key.age)],
    of: "number",
  },
  {
    title: "Last use",
    by: (key) => (key.idle === null ? LAST - (key.useKnown ? 1 : 0) : key.idle),
    cell: (key) => [lastUse(key), where(key) ? make("div", { class: "soft" }, where(key)) : ""],
    of: "use",
  },
  {
    title: "Declared",
    by: (key) => `${key.drift ? 0 : 1}${declared(key)}`,
    cell: (key) => [
      `${declared(key)} `,
      key.drift ? make("span", { class: "badge v-high" }, "drift") : "",
      key.allow.length ? make("span", { class: "badge v-low" }, "exempt") : "",
      key.reason ? make("div", { class: "soft" }, key.reason) : "",
    ],
    of: "wide",
  },
  {
    title: "Decided",
    by: (key) => (key.decided === null ? LAST : -key.decided),
    cell: (key) => (key.decided ? [key.author, make("div", { class: "soft" }, day(key.decided))] : [decided(key)]),
    of: "date",
  },
  {
    title: "Findings",
    by: (key) => worst(key),
    cell: (key) =>
      key.findings.length
        ? key.findings.map((f) => make("span", { class: `badge v-${f.group.severity}` }, f.group.short))
        : [make("span", { class: "soft" }, "none")],
  },
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
  const button = make(
    "button",
    { type: "button", class: "key", onclick: () => (opens && id === selected ? close() : select(id, true)) },
    id,
  );
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
  found = keys.filter(
    (key) => (!status || key.status === status) && shows(key) && words.every((word) => key.words.includes(word)),
  );
  const values = new Map(found.map((key) => [key, by(key)]));
  const sign = sorted.descending ? -1 : 1;
  found.sort((a, b) => {
    const left = values.get(a),
      right = values.get(b);
    return left < right ? -sign : left > right ? sign : a.index - b.index;
  });
  page = Math.min(page, Math.max(0, Math.ceil(found.length / PAGE) - 1));
  $("shown").textContent =
    found.length === keys.length
      ? plural(keys.length, "key")
      : `${found.length.toLocaleString("en")} of ${plural(keys.length, "key")}`;
  render();
}

function render() {
  const rows = printing ? found : found.slice(page * PAGE, (page + 1) * PAGE);
  const body = document.querySelector("#table tbody");
  body.replaceChildren(
    ...rows.flatMap((key) => {
      const row = make(
        "tr",
        { class: key.id === selected ? "selected" : false },
        ...columns.map((column) => make("td", { class: column.of }, ...column.cell(key))),
      );
      return key.id === selected
        ? [row, make("tr", { class: "open" }, make("td", { colspan: columns.length }, details(key)))]
        : [row];
    }),
  );
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
  [...document.querySelectorAll("#table .key")]
    .find((button) => button.textContent === id)
    .focus({ preventScroll: true });
}

function details(key) {
  const facts = [
    ["Owner", `${key.path === "/" ? "" : key.path}${key.user}`],
    [data.ownerTag, data.ownerTag && (key.tag || "not set")],
    ["Created", key.created === null ? "not known" : `${day(key.created)}, ${span(key.age)} ago`],
    [
      "Last use",
      key.used === null ? lastUse(key) : `${minute(key.used)}, ${lastUse(key)}, by ${key.service} from ${key.region}`,
    ],
    ["Declared", declared(key) + (key.drift ? " (drift)" : "")],
    ["Reason", key.reason],
    ["Exemptions", key.allow.length ? `may pass ${key.allow.join(", ")}` : ""],
    ["Decided", decided(key)],
    ["Commit", key.commit ? `${key.commit.slice(0, 12)} ${key.summary}` : ""],
    ["Entry", key.place],
    [
      "Inactive since",
      key.status === "Active"
        ? ""
        : key.off === null
          ? "not known"
          : key.offExactly
            ? `${day(key.off)}, ${span(data.at - key.off)} ago`
            : `before ${day(key.off)}`,
    ],
    ["Ready to delete", key.ready === true ? "yes" : ""],
  ].filter(([, value]) => value);
  return make(
    "div",
    { class: "facts" },
    make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
    key.findings.length
      ? make(
          "div",
          {},
          ...key.findings.flatMap((finding) => [
            make("p", {}, badge(finding.group), `${finding.group.title}: ${finding.saw}. ${finding.remedy}.`),
            configuration(finding.lines),
          ]),
        )
      : null,
  );
}

const badge = (group) => make("span", { class: `badge v-${group.severity}` }, group.severity);
const configuration = (lines) => (lines.length ? make("pre", {}, lines.join("\n")) : null);
