"use strict";

/** Names of files that somebody wants to see, where there are any. */
function named(title, paths) {
  if (!paths.length) return null;
  return el(
    "details",
    null,
    el("summary", null, `${title}: ${count(paths.length)}`),
    el(
      "ul",
      { class: "paths" },
      paths.map((path) => el("li", null, el("code", null, path))),
    ),
  );
}

function panel(variant, index, groups) {
  const id = `image-${index + 1}`;
  const { figures } = variant;
  const from = [
    variant.dockerfile ? ["built by ", el("code", null, variant.dockerfile)] : null,
    variant.base_image ? ["on ", el("code", null, variant.base_image)] : null,
    ["runs as ", el("code", null, variant.user)],
  ].filter(Boolean);
  const about = el(
    "div",
    { class: "panel-head" },
    el(
      "h3",
      null,
      variant.variant,
      variant.image === variant.variant ? null : el("code", null, variant.image),
    ),
    el(
      "p",
      null,
      human(figures.size),
      from.map((words) => [" · ", ...words]),
    ),
    el(
      "div",
      { class: "lists" },
      named("Setuid files", figures.setuid_files),
      named("Shells", figures.shells),
      named("Compilers", figures.compilers),
    ),
    variant.problems.length
      ? el(
          "ul",
          { class: "problems" },
          variant.problems.map((sentence) => el("li", null, sentence)),
        )
      : null,
  );
  const parts = [
    variant.owners.length
      ? section(
          `${id}-owners`,
          "Where the bytes are",
          4,
          new Explorer(`${id}-owners`, variant, groups).element,
        )
      : null,
    layers(id, variant),
    findings(id, variant),
    changes(id, variant),
  ];
  return {
    id,
    name: variant.variant,
    detail: human(figures.size),
    element: el("div", { id, class: "panel" }, about, parts),
  };
}

/** Every image by itself; of several one is shown, of all of them when the page is printed. */
function images(report, groups) {
  if (!report.variants.length) return null;
  const panels = report.variants.map((variant, index) => panel(variant, index, groups));
  const elements = panels.map(({ element }) => element);
  if (panels.length === 1)
    return { element: section("images", "The image", 2, elements), choose() {} };
  const { list, choose } = tabs("Images", panels);
  choose(Math.min(1, panels.length - 1)); // the first one is there to compare with
  return { element: section("images", "Image by image", 2, list, elements), choose };
}
