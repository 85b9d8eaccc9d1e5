"use strict";

function finding(item, largest) {
  return el(
    "li",
    { class: "finding", "data-rule": item.rule },
    el(
      "div",
      { class: "what" },
      el("h5", null, item.title),
      badge(item.safe ? "nothing is lost" : "weigh it", item.safe ? "good" : ""),
    ),
    el(
      "p",
      { class: "cost" },
      el("b", null, human(item.bytes)),
      ` in ${counted(item.files, "file")}`,
      bar([{ size: largest ? item.bytes / largest : 0, kind: item.safe ? "safe" : "weigh" }]),
    ),
    el("p", { class: "why" }, `${item.why[0]?.toUpperCase() ?? ""}${item.why.slice(1)}.`),
    el("p", { class: "change" }, el("b", null, "Change"), " ", el("code", null, item.change)),
    item.largest.length
      ? el(
          "details",
          null,
          el("summary", null, "The largest of them"),
          el(
            "ul",
            { class: "paths" },
            item.largest.map(({ path, bytes }) =>
              el("li", null, el("code", null, path), ` ${human(bytes)}`),
            ),
          ),
        )
      : null,
  );
}

/** What could go: how many bytes, why, and the line to change. */
function findings(id, variant) {
  if (!variant.findings.length) return null;
  const largest = Math.max(...variant.findings.map(({ bytes }) => bytes));
  return section(
    `${id}-findings`,
    "What could go",
    4,
    el(
      "p",
      { class: "note" },
      el("b", null, human(variant.could_go)),
      ` of ${human(variant.figures.size)} could go and nothing is lost; each file counts once, also where `,
      "two lines name it.",
    ),
    el(
      "ul",
      { class: "findings" },
      variant.findings.map((item) => finding(item, largest)),
    ),
  );
}
