"use strict";

/** What changed since the baseline, by owner. */
function changes(id, variant) {
  const { baseline } = variant;
  if (!baseline) return null;
  const title = "Since the baseline";
  if (baseline.problem !== undefined) {
    // Of an image that was not built here nobody expects a baseline.
    if (!variant.dockerfile) return null;
    return section(
      `${id}-changes`,
      title,
      4,
      el("p", { class: "note" }, `Not compared: ${baseline.problem.replace(/\.$/, "")}.`),
    );
  }
  const most = Math.max(1, ...baseline.changes.map(({ bytes }) => Math.abs(bytes)));
  const size = (bytes) => (bytes === null ? "–" : human(bytes));
  const version = ({ version_before: before, version_after: after }) => {
    if (!before && !after) return "";
    return before === after || !before || !after ? before || after : `${before} → ${after}`;
  };
  return section(
    `${id}-changes`,
    title,
    4,
    el(
      "p",
      null,
      `${human(baseline.before)} → ${human(baseline.after)}, `,
      el("b", { "data-delta": baseline.bytes }, signed(baseline.bytes)),
      `: ${baseline.sentence}.`,
    ),
    baseline.changes.length
      ? table({
          caption: `${counted(baseline.changes.length, "owner")} changed`,
          name: "changed",
          rows: baseline.changes,
          columns: [
            { title: "Owner", cell: ({ owner }) => owner },
            { title: "Change", cell: ({ change }) => badge(change) },
            { title: "Version", cell: version },
            { title: "Before", kind: "number", cell: ({ before }) => size(before) },
            { title: "After", kind: "number", cell: ({ after }) => size(after) },
            {
              title: "Difference",
              kind: "number",
              cell: ({ bytes }) => el("b", null, signed(bytes)),
            },
            {
              title: "less | more",
              kind: "diverging",
              cell: ({ bytes }) => {
                const half = Math.abs(bytes) / most / 2;
                return bar(
                  [
                    {
                      from: bytes < 0 ? 0.5 - half : 0.5,
                      size: half,
                      kind: bytes < 0 ? "less" : "more",
                    },
                  ],
                  "both",
                );
              },
            },
          ],
        })
      : null,
  );
}
