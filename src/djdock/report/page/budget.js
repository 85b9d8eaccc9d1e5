"use strict";

/** What the budget asks for, and whether it is so. */
function budget(report) {
  if (!report.budget.length) return null;
  const state = ({ ok, checked }) => (ok ? "kept" : checked ? "broken" : "not checked");
  return section(
    "budget",
    "Budget",
    2,
    table({
      caption: "[tool.djdock.budget] in pyproject.toml; what cannot be checked counts as broken",
      name: "budget",
      rows: report.budget,
      columns: [
        { title: "Rule", cell: ({ rule }) => el("code", null, rule) },
        { title: "Image", cell: ({ variant }) => variant },
        {
          title: "Verdict",
          cell: (row) => [
            el(
              "span",
              { class: `sign ${row.ok ? "good" : "bad"}`, "aria-hidden": "true" },
              row.ok ? "✓" : "✕",
            ),
            badge(state(row), row.ok ? "good" : "bad"),
          ],
        },
        { title: "In words", kind: "wide", cell: ({ sentence }) => sentence },
      ],
    }),
  );
}
