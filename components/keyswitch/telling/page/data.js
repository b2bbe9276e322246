// Reads the data of the page: keys and findings with their texts. What is made of them becomes text nodes, never markup.

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const DAY = 86400;
const PAGE = 50;
const NAMED = 20;

const text = (place) => (place === null ? null : data.texts[place]);
const keys = data.keys.map((row, index) => {
  const key = { index };
  data.textual.forEach((name, at) => {
    key[name] = text(row[at]);
  });
  data.facts.forEach((name, at) => {
    key[name] = row[data.textual.length + at];
  });
  key.allow = row[row.length - 1].map(text);
  key.age = key.created === null ? null : Math.max(0, data.at - key.created);
  key.idle = key.used === null ? null : Math.max(0, data.at - key.used);
  key.findings = [];
  return key;
});
const byId = new Map(keys.map((key) => [key.id, key]));
const findings = data.findings.map(([group, id, user, saw, remedy, lines]) => ({
  group: data.groups[group],
  id: text(id),
  user: text(user),
  saw: text(saw),
  remedy: text(remedy),
  lines: lines.map(text),
}));
const timeline = data.timeline.map(([isDecision, date, author, summary, commit, ids]) => ({
  isDecision,
  date,
  author: text(author),
  summary: text(summary),
  commit: text(commit),
  ids: ids.map(text),
}));
for (const finding of findings) {
  if (byId.has(finding.id)) byId.get(finding.id).findings.push(finding);
}
for (const key of keys) {
  key.words = [
    key.user,
    key.path,
    key.tag,
    key.id,
    key.status,
    key.service,
    key.region,
    key.declared,
    key.reason,
    key.author,
    key.commit,
    key.summary,
    key.allow.join(" "),
    key.findings.map((f) => f.group.title).join(" "),
  ]
    .filter(Boolean)
    .join("\n")
    .toLowerCase();
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

function plural(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

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

function where(key) {
  return key.service ? `${key.service} · ${key.region}` : "";
}

function declared(key) {
  if (key.declared === null) return "no entry";
  return key.declared === "" ? "observed only" : key.declared;
}

function decided(key) {
  if (key.decided === null) return "";
  return key.decided === 0 ? "not committed yet" : `${key.author}, ${day(key.decided)}`;
}
