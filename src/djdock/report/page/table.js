"use strict";

/**
 * A table that narrow screens show as a list of its rows, each cell with its column's name before it.
 *
 * Columns are {title, kind, cell}: `kind` is a class ("number", "wide"), `cell` makes a row's content.
 * The first column heads its row. The roles are said once more, since a changed `display` may drop them.
 */
function table({ caption, columns, rows, name = "" }) {
  const head = columns.map(({ title, kind }) =>
    el("th", { scope: "col", role: "columnheader", class: kind }, title),
  );
  const body = rows.map((row) =>
    el(
      "tr",
      { role: "row", class: row.kind },
      columns.map(({ title, kind, cell }, index) => {
        const content = [cell(row)].flat();
        const label = typeof title === "string" ? title : null;
        return index === 0
          ? el("th", { scope: "row", role: "rowheader", class: kind }, ...content)
          : el("td", { role: "cell", class: kind, "data-label": label }, ...content);
      }),
    ),
  );
  return el(
    "table",
    { class: `rows ${name}`.trim(), role: "table" },
    el("caption", null, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, head)),
    el("tbody", { role: "rowgroup" }, body),
  );
}

/** A bar: parts are {from, size, kind, title} as shares of its length. It says nothing that its table does not. */
function bar(parts, kind = "") {
  return el(
    "span",
    { class: `bar ${kind}`.trim(), "aria-hidden": "true" },
    parts
      .filter(({ size }) => size > 0)
      .map(({ from = 0, size, kind: part, group, label }) =>
        el(
          "span",
          {
            class: `part ${part ?? ""}`.trim(),
            "data-group": group,
            style: { left: percentage(from), width: percentage(size) },
          },
          label === undefined ? null : el("span", { class: "label" }, label),
        ),
      ),
  );
}

/** A few words in a frame: `kind` is good, bad, or none. */
function badge(text, kind = "") {
  return el("span", { class: `badge ${kind}`.trim() }, text);
}
