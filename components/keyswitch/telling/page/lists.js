// The lists: findings by rule, exemptions, and the timeline of decisions.

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
    const box = make(
      "details",
      { open: group.rank === 0 },
      make(
        "summary",
        {},
        badge(group),
        `${group.title} · ${group.control ? group.control + " · " : ""}${plural(members.length, "key")}`,
      ),
      list,
    );
    listed(
      list,
      members,
      (finding) =>
        make(
          "li",
          {},
          finding.id === null
            ? make("strong", {}, "root")
            : byId.has(finding.id)
              ? keyButton(finding.id)
              : make("code", {}, finding.id),
          ` ${finding.user}: ${finding.saw}. ${finding.remedy}.`,
          configuration(finding.lines),
        ),
      box,
    );
    $("findings").append(box);
  }
}

function showExemptions() {
  const exempt = keys.filter((key) => key.allow.length);
  $("exemptions-section").hidden = !exempt.length;
  listed(
    $("exemptions"),
    exempt,
    (key) => make("li", {}, keyButton(key.id), ` ${key.user}: may pass ${key.allow.join(", ")}; ${key.reason}`),
    $("exemptions").parentNode,
  );
}

function showTimeline() {
  const list = $("timeline");
  if (!timeline.length)
    list.append(make("li", {}, "Who decided is not known: no stack was compared, or git does not know its file."));
  listed(
    list,
    timeline,
    (event) => {
      const when =
        event.date === null
          ? make("strong", {}, "not committed yet")
          : make("time", { datetime: day(event.date) }, day(event.date));
      const what = !event.isDecision
        ? " deactivated in AWS"
        : event.date === null
          ? ""
          : ` ${event.author}: ${event.summary} `;
      const commit = event.commit ? make("code", { class: "soft" }, event.commit.slice(0, 12)) : "";
      const box = make("div", { class: "keys" });
      const folded = make("details", {}, make("summary", {}, plural(event.ids.length, "key")), box);
      listed(box, event.ids, (id) => keyButton(id), folded);
      return make("li", {}, when, what, commit, folded);
    },
    list.parentNode,
  );
}
