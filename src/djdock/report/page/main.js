"use strict";

function made(report) {
  const [day, time = ""] = report.made.split("T");
  return [
    `${day} ${time.slice(0, 5)} UTC`,
    report.engine ? `Docker Engine ${report.engine}` : "",
    report.store ? `image store ${report.store}` : "",
    report.machine,
    report.quick ? "quick run: few measurements" : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Links to the sections, and to those of the image that is shown. */
function navigation(main) {
  const link = ({ id, dataset }) => el("a", { href: `#${id}` }, dataset.title);
  const inner = (one) => [...one.querySelectorAll(".panel:not([hidden]) > section")];
  return el(
    "ul",
    null,
    [...main.querySelectorAll(":scope > section")].map((one) =>
      el(
        "li",
        null,
        link(one),
        inner(one).length
          ? el(
              "ul",
              null,
              inner(one).map((each) => el("li", null, link(each))),
            )
          : null,
      ),
    ),
  );
}

/** Light or dark: what the system says, until somebody chooses. */
function themes() {
  const button = document.querySelector(".theme"),
    system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  const show = () => button.setAttribute("aria-pressed", String(chosen ?? system.matches));
  button.addEventListener("click", () => {
    chosen = !(chosen ?? system.matches);
    document.documentElement.dataset.theme = chosen ? "dark" : "light";
    show();
  });
  system.addEventListener("change", show);
  show();
}

/** On paper everything is open; afterwards it is as it was. */
function printing() {
  let opened = [];
  const open = () => {
    const closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
    opened.push(...closed);
  };
  const close = () => {
    for (const one of opened) one.open = false;
    opened = [];
  };
  addEventListener("beforeprint", open);
  addEventListener("afterprint", close);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? open() : close()));
}

function start(report) {
  const main = document.getElementById("report"),
    nav = document.querySelector("nav.sections");
  const groups = groupsOf(report);
  const title = report.project ? `Images of ${report.project}` : "Images";
  document.title = title;
  document.querySelector("h1").textContent = title;
  document.querySelector(".made").textContent = made(report);
  const shown = images(report, groups);
  main.append(
    ...[
      summary(report, groups),
      figures(report, groups),
      budget(report),
      measurements(report),
      shown?.element ?? null,
      notes(report),
    ].filter(Boolean),
  );
  const renew = () => nav.replaceChildren(navigation(main));
  main.addEventListener("click", (event) => event.target.closest("[role=tab]") && renew());
  main.addEventListener("keyup", (event) => event.target.closest("[role=tab]") && renew());
  /** A link may lead into an image that is not shown. */
  const follow = () => {
    const at = /^#image-(\d+)/.exec(location.hash);
    if (!at || !report.variants[at[1] - 1]) return;
    shown.choose(at[1] - 1);
    renew();
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  renew();
  follow();
  themes();
  printing();
}

start(JSON.parse(document.getElementById("data").textContent));
