"use strict";

/**
 * A new element. Attributes are set as given; `style` is an object of properties, set one by one, as the
 * page's policy wants it. Children are elements, or text that stays text; null is passed over.
 */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "style") {
      for (const [property, what] of Object.entries(value)) made.style.setProperty(property, what);
    } else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

/** A section of the report, or of an image: what the navigation lists. */
function section(id, title, level, ...children) {
  const heading = el(`h${level}`, { id: `${id}-title` }, title);
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title`, "data-title": title },
    heading,
    ...children,
  );
}

/** Says something to those who do not see what changed. */
function say(text) {
  document.getElementById("said").textContent = text;
}

/** A width or an offset as CSS has it, of a share from 0 to 1. */
function percentage(share) {
  return `${(share * 100).toFixed(4)}%`;
}
