"use strict";

/** What was asked for and is not so, or that all is. */
function verdict(report) {
  const { budget, complaints } = report;
  if (complaints.length) {
    const title = counted(complaints.length, "complaint");
    return el(
      "div",
      { class: "verdict bad" },
      el(
        "p",
        null,
        el("span", { class: "sign", "aria-hidden": "true" }, "✕"),
        el("strong", null, title),
      ),
      el(
        "ul",
        null,
        complaints.map((sentence) => el("li", null, sentence)),
      ),
    );
  }
  if (!budget.length) return null;
  const said = `Within budget: ${counted(budget.length, "check")} passed.`;
  return el(
    "div",
    { class: "verdict good" },
    el(
      "p",
      null,
      el("span", { class: "sign", "aria-hidden": "true" }, "✓"),
      el("strong", null, said),
    ),
  );
}

/** The groups in the order in which every chart has them: the largest of all images first. */
function groupsOf(report) {
  const sums = new Map();
  for (const { groups } of report.variants) {
    for (const [group, bytes] of Object.entries(groups))
      sums.set(group, (sums.get(group) ?? 0) + bytes);
  }
  return [...sums]
    .filter(([, bytes]) => bytes > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([group]) => group);
}

/** What its layers hold and no file of the image is: replaced or deleted by a later layer. */
function hidden(variant) {
  return Math.max(0, variant.figures.size - variant.bytes);
}

/** "9.00 times smaller than single", of any image but the first. */
function comparedWith(first, variant) {
  const own = variant.figures.size;
  if (variant === first || !own || !first.figures.size) return "";
  const whole = first.figures.size;
  if (whole >= own) return `${times(whole, own)} times smaller than ${first.variant}`;
  return `${times(own, whole)} times as large as ${first.variant}`;
}

/** The images side by side, one bar each, by whose the bytes are. */
function sizes(report, groups) {
  const largest = Math.max(
    1,
    ...report.variants.map(({ figures, bytes }) => Math.max(figures.size, bytes)),
  );
  const rows = report.variants.map((variant) => {
    const { figures } = variant;
    let from = 0;
    const parts = groups
      .map((group) => ({ group, bytes: variant.groups[group] ?? 0 }))
      .concat({ group: "hidden", bytes: hidden(variant) })
      .filter(({ bytes }) => bytes > 0)
      .map(({ group, bytes }) => {
        const size = bytes / largest;
        from += size;
        return { from: from - size, size, group, label: `${group} ${human(bytes)}` };
      });
    return el(
      "li",
      null,
      el("span", { class: "name" }, variant.variant),
      el("strong", { class: "size", "data-size": figures.size }, human(figures.size)),
      el("span", { class: "versus" }, comparedWith(report.variants[0], variant)),
      bar(parts, "stack"),
    );
  });
  const anyHidden = report.variants.some((variant) => hidden(variant) > 0);
  return el(
    "figure",
    { class: "sizes" },
    el("ol", null, rows),
    el("figcaption", null, legend(anyHidden ? [...groups, "hidden"] : groups)),
  );
}

const GROUP_MEANING = {
  system: "Debian's packages and what no other group has",
  packages: "Python packages",
  interpreter: "Python and its standard library",
  "static files": "what collectstatic made",
  project: "the site's own code",
  unowned: "files that no package claims",
  hidden: "replaced or deleted by a later layer",
};

function legend(groups) {
  return el(
    "ul",
    { class: "legend" },
    groups.map((group) =>
      el(
        "li",
        null,
        el("span", { class: "swatch", "data-group": group, "aria-hidden": "true" }),
        el("b", null, group),
        GROUP_MEANING[group] ? ` ${GROUP_MEANING[group]}` : null,
      ),
    ),
  );
}

function summary(report, groups) {
  if (!report.variants.length) {
    return section(
      "summary",
      "Summary",
      2,
      verdict(report),
      el("p", { class: "note" }, "No image was read."),
    );
  }
  return section("summary", "Summary", 2, verdict(report), sizes(report, groups));
}
