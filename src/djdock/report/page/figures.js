"use strict";

/** The figures that every image has: title, cell, and what it means where the title does not say it. */
function figureRows(groups) {
  const bytes = (number) => (number === null || number === undefined ? "–" : human(number));
  const list = (names) => (names.length ? el("b", null, count(names.length)) : "none");
  return [
    ["Size", ({ figures }) => el("b", null, human(figures.size)), "as the engine counts"],
    ...groups.map((group) => [group, ({ groups: own }) => bytes(own[group] ?? 0), "", group]),
    ["Compressed", ({ figures }) => bytes(figures.compressed_size), "what a registry holds"],
    ["Waste", ({ figures }) => bytes(figures.waste), "replaced or deleted by a later layer"],
    ["Efficiency", ({ figures }) => roundedDown(figures.efficiency), "all bytes without waste"],
    ["Could go", ({ could_go }) => bytes(could_go), "and nothing is lost"],
    ["Layers", ({ figures }) => count(figures.layers)],
    ["Files", ({ figures }) => count(figures.files)],
    ["Python packages", ({ figures }) => count(figures.python_packages)],
    ["System packages", ({ figures }) => count(figures.system_packages)],
    ["Setuid files", ({ figures }) => list(figures.setuid_files)],
    ["Shells", ({ figures }) => list(figures.shells)],
    ["Compilers", ({ figures }) => list(figures.compilers)],
    ["User", ({ user }) => el("code", null, user)],
    ["Base", ({ base_image }) => (base_image ? el("code", null, base_image) : "–")],
    ["Platform", ({ platform }) => el("code", null, platform)],
  ];
}

/** One column for each image, one row for each figure. */
function figures(report, groups) {
  const { variants } = report;
  if (!variants.length) return null;
  const head = variants.map(({ variant }) => el("th", { scope: "col", class: "number" }, variant));
  const body = figureRows(groups).map(([title, cell, meaning, group]) =>
    el(
      "tr",
      { "data-figure": title, class: group ? "of-size" : null },
      el(
        "th",
        { scope: "row" },
        group ? el("span", { class: "swatch", "data-group": group, "aria-hidden": "true" }) : null,
        title,
        meaning ? el("small", null, ` ${meaning}`) : null,
      ),
      variants.map((variant) => el("td", { class: "number" }, cell(variant))),
    ),
  );
  return section(
    "figures",
    "Side by side",
    2,
    el(
      "div",
      { class: "scroll", role: "region", tabindex: 0, "aria-label": "Table of the figures" },
      el(
        "table",
        { class: "figures" },
        el("caption", { class: "visually-hidden" }, "The figures of every image"),
        el("thead", null, el("tr", null, el("th", { scope: "col" }, "Figure"), head)),
        el("tbody", null, body),
      ),
    ),
  );
}
