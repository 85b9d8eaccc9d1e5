"use strict";

/** What a tile needs to be seen, and to be hit, in square pixels. */
const LEAST = { part: 500, inner: 60 };
const HEADER = 21;

/** Whether a frame has the room to carry its name. */
function hasHeader({ x0, y0, x1, y1 }) {
  return x1 - x0 > 44 && y1 - y0 > 18;
}

/** The places of a node's parts, and of theirs, in a field of so many pixels. */
function places(node, width, height) {
  const area = width * height;
  const perByte = node.bytes ? area / node.bytes : 0;
  const least = (pixels) => (perByte ? pixels / perByte : 0);
  const limited = {
    node,
    children: folded(node.parts, least(LEAST.part)).map((part) => ({
      node: part,
      children: folded(part.parts, least(LEAST.inner)).map((inner) => ({ node: inner })),
    })),
  };
  const root = d3
    .hierarchy(limited)
    .sum(({ node: { bytes }, children = [] }) => (children.length ? 0 : bytes))
    .sort((a, b) => b.value - a.value);
  return d3
    .treemap()
    .size([width, height])
    .paddingInner((place) => (place.depth === 0 ? 3 : 1))
    .paddingTop((place) => (place.depth === 1 && hasHeader(place) ? HEADER : 0))
    .paddingRight((place) => (place.depth === 1 ? 2 : 0))
    .paddingBottom((place) => (place.depth === 1 ? 2 : 0))
    .paddingLeft((place) => (place.depth === 1 ? 2 : 0))
    .round(true)(root);
}

/** Where a place is inside of another one, in shares of it, so that it grows and is printed with it. */
function position({ x0, y0, x1, y1 }, outer) {
  const [width, height] = [outer.x1 - outer.x0 || 1, outer.y1 - outer.y0 || 1];
  return {
    left: percentage((x0 - outer.x0) / width),
    top: percentage((y0 - outer.y0) / height),
    width: percentage((x1 - x0) / width),
    height: percentage((y1 - y0) / height),
  };
}

/** One sentence on a node: its size, and its share of the image. */
function describe(node, image) {
  const share = image.bytes ? node.bytes / image.bytes : 0;
  const version = node.version ? ` ${node.version}` : "";
  return `${node.name}${version}, ${human(node.bytes)}, ${percent(share)} of the image, ${counted(node.files, "file")}`;
}

/** A tile inside of a frame: to look at and to point at; the keyboard gets there through its frame. */
function innerTile(place, outer) {
  const wide = place.x1 - place.x0,
    high = place.y1 - place.y0;
  const tile = el("span", { class: "inner", style: position(place, outer) });
  if (wide > 38 && high > 15) tile.append(el("span", { class: "label" }, place.data.node.name));
  if (wide > 46 && high > 34)
    tile.append(el("span", { class: "bytes" }, human(place.data.node.bytes)));
  tile.node = place.data.node;
  return tile;
}

/** A part of what is shown: a button that is a frame around its own parts. */
function frame(place, root, image) {
  const { node } = place.data;
  const made = el("button", {
    type: "button",
    class: `tile ${node.kind}`,
    tabindex: -1,
    "data-group": node.group,
    "data-leaf": node.parts.length === 0,
    "aria-label": node.parts.length ? `${describe(node, image)}. Zoom in` : describe(node, image),
    style: position(place, root),
  });
  if (hasHeader(place)) {
    made.append(
      el(
        "span",
        { class: "head" },
        el("span", { class: "label" }, node.name),
        " ",
        place.x1 - place.x0 > 120 ? el("span", { class: "bytes" }, human(node.bytes)) : null,
      ),
    );
  }
  made.append(
    ...(place.children ?? [])
      .filter(({ x0, y0, x1, y1 }) => x1 - x0 >= 2 && y1 - y0 >= 2)
      .map((inner) => innerTile(inner, place)),
  );
  made.node = node;
  return made;
}

/** The tiles of a node, in a field of so many pixels. */
function tiles(node, image, width, height) {
  const root = places(node, width, height);
  return (root.children ?? []).map((place) => frame(place, root, image));
}

/** The nearest button in an arrow's direction, or null. */
function neighbour(from, buttons, key) {
  const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];
  const here = from.getBoundingClientRect();
  const [x, y] = middle(here);
  let found = null,
    least = Infinity;
  for (const button of buttons) {
    if (button === from) continue;
    const there = button.getBoundingClientRect();
    const [a, b] = middle(there);
    const ahead = {
      ArrowRight: there.left - here.right,
      ArrowLeft: here.left - there.right,
      ArrowDown: there.top - here.bottom,
      ArrowUp: here.top - there.bottom,
    }[key];
    if (ahead < -2) continue;
    const sideways =
      key === "ArrowLeft" || key === "ArrowRight" ? Math.abs(b - y) : Math.abs(a - x);
    const distance = Math.max(0, ahead) * 2 + sideways;
    if (distance < least) [found, least] = [button, distance];
  }
  return found;
}
