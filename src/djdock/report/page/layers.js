"use strict";

/** From here on an instruction is shown in two pieces. */
const LONG = 220;

/** What made a layer, with its keyword; a long one can be opened. */
function instruction(text) {
  if (!text) return el("span", { class: "problem" }, "not said");
  const keyword = /^[A-Z]+(?= )/.exec(text)?.[0] ?? "";
  const rest = text.slice(keyword.length);
  const words = (what) => [keyword ? el("b", null, keyword) : null, what];
  if (text.length <= LONG) return el("code", null, ...words(rest));
  const shown = rest.slice(0, LONG - 60);
  return el(
    "details",
    { class: "instruction" },
    el("summary", null, el("code", null, ...words(shown), " …")),
    el("code", null, rest.slice(shown.length)),
  );
}

function layers(id, variant) {
  const total = variant.layers.reduce((sum, { size }) => sum + size, 0);
  if (!variant.layers.length) return null;
  const share = (bytes) => (total ? bytes / total : 0);
  let sum = 0;
  const rows = variant.layers.map((layer) => {
    sum += layer.size;
    return { ...layer, before: sum - layer.size, sum, kind: layer.base ? "base" : null };
  });
  const anyWaste = rows.some(({ waste }) => waste),
    anyBase = rows.some(({ base }) => base);
  const anyPacked = rows.some(({ compressed_size: packed }) => packed !== null);
  const columns = [
    { title: "Layer", kind: "number layer-number", cell: ({ number }) => String(number) },
    {
      title: "Instruction",
      kind: "wide",
      cell: ({ instruction: text, base }) => [base ? badge("base") : null, instruction(text)],
    },
    {
      title: "From the first layer on",
      kind: "waterfall",
      cell: ({ before, size, waste, base }) =>
        bar(
          [
            { from: 0, size: share(before), kind: "before" },
            { from: share(before), size: share(size), kind: base ? "layer base" : "layer" },
            { from: share(before + size - waste), size: share(waste), kind: "waste" },
          ],
          "cascade",
        ),
    },
    { title: "Size", kind: "number", cell: ({ size }) => el("b", null, human(size)) },
    { title: "Sum", kind: "number", cell: ({ sum: all }) => human(all) },
    anyWaste
      ? { title: "Waste", kind: "number", cell: ({ waste }) => (waste ? human(waste) : "–") }
      : null,
    anyPacked
      ? {
          title: "Packed",
          kind: "number",
          cell: ({ compressed_size: packed }) => (packed === null ? "–" : human(packed)),
        }
      : null,
    {
      title: "Files",
      kind: "number changes",
      cell: ({ added, changed, removed }) =>
        [
          `+${count(added)}`,
          changed ? ` ~${count(changed)}` : "",
          removed ? ` \u2212${count(removed)}` : "",
        ].join(""),
    },
  ].filter(Boolean);
  const said = [
    anyWaste ? "Hatched is waste: what a later layer replaces or deletes." : "",
    anyBase ? "Layers of the base are somebody else's: another FROM changes them." : "",
    "Files: + added, ~ changed, \u2212 removed.",
  ]
    .filter(Boolean)
    .join(" ");
  return section(
    `${id}-layers`,
    "Layers",
    4,
    el("p", { class: "note" }, said),
    table({
      caption: `${counted(rows.length, "layer")}, ${human(total)}`,
      name: "layers",
      rows,
      columns,
    }),
    wasted(variant),
  );
}

/** The files that were written more than once, or for nothing. */
function wasted(variant) {
  if (!variant.wasted.length) return null;
  return el(
    "details",
    { class: "wasted" },
    el(
      "summary",
      null,
      `Where the waste is: the ${counted(variant.wasted.length, "largest path", "largest paths")}`,
    ),
    table({
      caption: `dive counts ${human(variant.dive.wasted)} and an efficiency of ${roundedDown(variant.dive.efficiency)}`,
      name: "wasted",
      rows: variant.wasted,
      columns: [
        { title: "Path", kind: "wide", cell: ({ path }) => el("code", null, path) },
        { title: "Waste", kind: "number", cell: ({ size }) => human(size) },
        { title: "Copies", kind: "number", cell: ({ copies }) => count(copies) },
        { title: "By layer", kind: "number", cell: ({ layer, how }) => `${how}, ${layer}` },
      ],
    }),
  );
}
