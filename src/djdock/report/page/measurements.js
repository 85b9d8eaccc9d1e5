"use strict";

const MEASUREMENTS = {
  cold_build: ["Cold build", "without the layer cache"],
  rebuild_code: ["Code rebuild", "after a one-line change of the site's code"],
  rebuild_dependency: ["Dependency rebuild", "after a new dependency"],
  first_200: ["First 200", "from starting the container to the first answer"],
  memory_rest: ["Memory at rest", "of the container, after its first 200 and a pause"],
  memory_loaded: ["Memory after load", "of the container, after 500 requests"],
  requests_per_second: ["Requests per second", "the same load for all, in turn"],
};

/** Whether a measurement was taken: an object with runs; null and {problem} were not. */
function taken(series) {
  return Boolean(series && series.runs && series.runs.length);
}

/** The one whose worst run is better than every run of all others, if there is such a one. */
function clearlyBest(series) {
  const there = series.filter(taken);
  if (there.length < 2) return null;
  const more = there[0].better === "more";
  return (
    there.find((one) =>
      there.every(
        (other) => one === other || (more ? one.least > other.most : one.most < other.least),
      ),
    ) ?? null
  );
}

/** A bar to the median, all runs as dots on a line from the least to the most. */
function plot({ runs, median, least, most }, longest) {
  const at = (value) => percentage(value / longest);
  return el(
    "span",
    { class: "plot", "aria-hidden": "true" },
    el("span", { class: "length", style: { width: at(median) } }),
    el("span", {
      class: "whisker",
      style: { left: at(least), width: percentage((most - least) / longest) },
    }),
    runs.map((run) => el("span", { class: "run", style: { left: at(run) } })),
    el("span", { class: "median", style: { left: at(median) } }),
  );
}

/** The scale under the plots; the last number says the unit of all. */
function axis(longest, unit) {
  const ticks = d3.ticks(0, longest, 3);
  const label = (tick, index) => {
    if (unit !== "B") return String(tick);
    const [number, name] = human(tick).split(" ");
    return `${Number(number)}${index === ticks.length - 1 ? ` ${name}` : ""}`;
  };
  return el(
    "span",
    { class: "axis" },
    ticks.map((tick, index) =>
      el(
        "span",
        { class: "tick", style: { left: percentage(tick / longest) } },
        label(tick, index),
      ),
    ),
  );
}

function measurement(report, name) {
  const [title, meaning] = MEASUREMENTS[name] ?? [name, ""];
  const rows = report.variants.map(({ variant, measurements }) => ({
    variant,
    series: measurements[name],
  }));
  const there = rows.map(({ series }) => series).filter(taken);
  const unit = there[0]?.unit ?? "";
  const most = Math.max(0, ...there.map((series) => series.most)) || 1;
  const [, longest] = d3.nice(0, most, 4);
  const best = clearlyBest(rows.map(({ series }) => series));
  const direction = there.length ? `; ${there[0].better} is better` : "";
  const runs = ({ series }) => series.runs.map((run) => measured(run, unit)).join(", ");
  return el(
    "div",
    { class: "measurement", "data-measurement": name },
    el("h3", { id: `measurement-${name}` }, title),
    el("p", { class: "meaning" }, `${meaning}${direction}`),
    el(
      "table",
      { "aria-labelledby": `measurement-${name}` },
      el(
        "colgroup",
        null,
        el("col", { class: "of-name" }),
        el("col", { class: "of-median" }),
        el("col", null),
      ),
      el(
        "thead",
        null,
        el(
          "tr",
          null,
          ["Image", "Median", "Least to most"].map((word) =>
            el("th", { scope: "col" }, el("span", { class: "visually-hidden" }, word)),
          ),
        ),
      ),
      el(
        "tbody",
        null,
        rows.map((row) =>
          el(
            "tr",
            null,
            el("th", { scope: "row" }, row.variant),
            taken(row.series)
              ? [
                  el(
                    "td",
                    { class: "number" },
                    el("b", null, measured(row.series.median, unit)),
                    row.series === best ? badge("best", "good") : null,
                  ),
                  el(
                    "td",
                    { class: "spread" },
                    plot(row.series, longest),
                    el(
                      "small",
                      null,
                      row.series.runs.length === 1
                        ? "one run"
                        : `${measured(row.series.least, unit)} to ${measured(row.series.most, unit)}`,
                    ),
                  ),
                ]
              : el("td", { colspan: 2, class: "problem" }, row.series?.problem ?? "not measured"),
          ),
        ),
      ),
      there.length
        ? el(
            "tfoot",
            { "aria-hidden": "true" },
            el("tr", null, el("td", { colspan: 2 }), el("td", null, axis(longest, unit))),
          )
        : null,
    ),
    there.length
      ? el(
          "details",
          null,
          el("summary", null, "The single runs"),
          el(
            "dl",
            null,
            rows
              .filter(({ series }) => taken(series))
              .map((row) => [el("dt", null, row.variant), el("dd", null, runs(row))]),
          ),
        )
      : null,
  );
}

/** Every measurement that was asked for, with its spread. */
function measurements(report) {
  const names = new Set(report.variants.flatMap((variant) => Object.keys(variant.measurements)));
  const known = Object.keys(MEASUREMENTS).filter((name) => names.has(name));
  const others = [...names].filter((name) => !(name in MEASUREMENTS)).sort();
  const shown = [...known, ...others].filter((name) =>
    report.variants.some(({ measurements: own }) => own[name]),
  );
  if (!shown.length) return null;
  return section(
    "measurements",
    "Measurements",
    2,
    el(
      "p",
      { class: "note" },
      "A dot is one run, the line goes from the least to the most, the mark is the median. ",
      "Best is said of an image whose worst run is better than every run of the others.",
    ),
    el(
      "div",
      { class: "panels" },
      shown.map((name) => measurement(report, name)),
    ),
  );
}
