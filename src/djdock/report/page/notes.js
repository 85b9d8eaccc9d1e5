"use strict";

/** How the figures are to be read. */
function notes(report) {
  const terms = [
    ["Size", "as docker image inspect gives it; 1 MB is 1 000 000 bytes"],
    ["Compressed", "what a registry would hold after docker push"],
    ["Waste", "every copy of a file but the last, and everything that a later layer deletes"],
    ["Efficiency", "all bytes without the waste, of all bytes"],
    ["Could go", "what is in an image and never read at run time, by the rules of image.packages"],
    ["Baseline", "images.lock.json, as invoke image.baseline wrote it"],
  ];
  return section(
    "notes",
    "How to read it",
    2,
    el(
      "dl",
      { class: "terms" },
      terms.map(([term, meaning]) => [el("dt", null, term), el("dd", null, meaning)]),
    ),
    el("p", { class: "note" }, `djdock ${report.djdock}; docs/images.md defines every figure.`),
  );
}
