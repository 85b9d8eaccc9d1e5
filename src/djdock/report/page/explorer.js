"use strict";

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
const OWNERS = 15; // how many an image's list names
const HIDDEN_FIELD = [960, 540]; // what is laid out for a panel that is not shown yet

/** The treemap of an image with its way back and its list: three views of the same node. */
class Explorer {
  constructor(id, variant, groups) {
    this.image = imageNode(variant, groups);
    this.way = [this.image];
    this.crumbs = el("nav", { class: "crumbs", "aria-label": `Where in ${variant.variant}` });
    this.about = el("p", { class: "about" });
    this.map = el("div", {
      class: "map",
      role: "group",
      id: `${id}-map`,
      "aria-label": `Treemap of ${variant.variant}: the larger a tile, the more bytes`,
      "aria-describedby": `${id}-keys`,
    });
    this.pointed = el("p", { class: "pointed", "aria-hidden": "true" });
    this.keys = el(
      "p",
      { class: "keys", id: `${id}-keys` },
      "Arrow keys move, ",
      el("kbd", null, "Enter"),
      " zooms in, ",
      el("kbd", null, "Esc"),
      " zooms out.",
    );
    this.list = el("div", {
      class: "list scroll",
      role: "region",
      tabindex: 0,
      "aria-label": `List of ${variant.variant}`,
    });
    this.element = el(
      "div",
      { class: "explorer" },
      this.crumbs,
      this.about,
      el("div", { class: "field" }, this.map, this.pointed, this.keys),
      this.list,
    );
    this.listen();
    this.show();
    new ResizeObserver(() => this.resized()).observe(this.map);
  }

  get node() {
    return this.way.at(-1);
  }

  get buttons() {
    return [...this.map.querySelectorAll(":scope > button")];
  }

  listen() {
    this.map.addEventListener("click", (event) => {
      const inner = event.target.closest(".inner"),
        tile = event.target.closest("button");
      if (!tile) return;
      const steps = inner?.node.parts.length ? [tile.node, inner.node] : [tile.node];
      // event.detail is 0 for a click that the keyboard or a screen reader made.
      if (tile.node.parts.length)
        this.into(steps, { from: inner ?? tile, focus: event.detail === 0 });
    });
    this.map.addEventListener("keydown", (event) => this.key(event));
    for (const kind of ["pointerover", "focusin"]) {
      this.map.addEventListener(kind, ({ target }) => {
        const { node } = target.closest(".inner") ?? target.closest("button") ?? {};
        if (node) this.point(node);
      });
    }
    this.map.addEventListener("pointerleave", () => this.point(this.node));
  }

  key(event) {
    const button = event.target.closest("button");
    let next = null;
    if (ARROWS.includes(event.key) && button) next = neighbour(button, this.buttons, event.key);
    else if (event.key === "Home") next = this.buttons[0];
    else if (event.key === "End") next = this.buttons.at(-1);
    else if (event.key === "Escape" || event.key === "Backspace")
      this.out(this.way.length - 2, { focus: true });
    else return;
    event.preventDefault();
    if (next) this.rove(next).focus();
  }

  /** Makes a tile the one that Tab leads to. */
  rove(button) {
    for (const other of this.buttons) other.tabIndex = other === button ? 0 : -1;
    return button;
  }

  into(steps, { from = null, focus = false } = {}) {
    const start = from?.getBoundingClientRect();
    this.way.push(...steps);
    this.show();
    if (start) this.grow(start);
    if (focus) this.buttons[0]?.focus();
    this.tell();
  }

  out(index, { focus = false } = {}) {
    if (index < 0) return;
    const left = this.way[index + 1];
    this.way.length = index + 1;
    this.show();
    const back = this.buttons.find(({ node }) => node === left || node.parts.includes(left));
    if (back) this.rove(back);
    if (focus) (back ?? this.buttons[0])?.focus();
    this.tell();
  }

  tell() {
    say(`${describe(this.node, this.image)}, in ${counted(this.node.parts.length, "part")}`);
  }

  /** The tile that was chosen becomes the field. */
  grow(start) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const end = this.map.getBoundingClientRect();
    const [x, y] = [start.left - end.left, start.top - end.top];
    const from = `translate(${x}px, ${y}px) scale(${start.width / end.width}, ${start.height / end.height})`;
    this.map.animate(
      [
        { transform: from, opacity: 0.4 },
        { transform: "none", opacity: 1 },
      ],
      { duration: 180, easing: "ease-out" },
    );
  }

  resized() {
    const [width, height] = [this.map.clientWidth, this.map.clientHeight];
    if (!width || (this.drawn[0] === width && this.drawn[1] === height)) return;
    const focused = this.buttons.indexOf(document.activeElement);
    this.draw();
    if (focused >= 0) this.rove(this.buttons[focused] ?? this.buttons[0])?.focus();
  }

  draw() {
    const [width, height] = this.map.clientWidth
      ? [this.map.clientWidth, this.map.clientHeight]
      : HIDDEN_FIELD;
    this.drawn = [width, height];
    this.map.replaceChildren(...tiles(this.node, this.image, width, height));
    if (this.buttons.length) this.rove(this.buttons[0]);
  }

  show() {
    this.draw();
    this.crumbs.replaceChildren(
      el(
        "ol",
        null,
        this.way.map((node, index) => {
          if (node === this.node)
            return el(
              "li",
              null,
              el("span", { "aria-current": "location", tabindex: -1 }, node.name),
            );
          const button = el("button", { type: "button" }, node.name);
          button.addEventListener("click", () => {
            this.out(index);
            this.crumbs.querySelector("[aria-current]").focus();
          });
          return el("li", null, button);
        }),
      ),
    );
    this.about.replaceChildren(...this.words());
    this.point(this.node);
    this.list.replaceChildren(...this.listed());
    this.list.scrollTop = 0;
  }

  /** What is shown, and what kinds of bytes an owner has. */
  words() {
    const { node, image } = this;
    const share = image.bytes ? node.bytes / image.bytes : 0;
    const kinds = Object.entries(node.kinds ?? {})
      .filter(([, bytes]) => bytes > 0)
      .sort((a, b) => b[1] - a[1]);
    return [
      el("b", null, human(node.bytes)),
      node === image
        ? ` in ${counted(node.files, "file")}`
        : ` · ${percent(share)} of the image · ${counted(node.files, "file")}`,
      node.version ? ` · version ${node.version}` : "",
      node.path ? el("span", null, " · ", el("code", null, node.path)) : "",
      kinds.length > 1
        ? el(
            "span",
            { class: "kinds" },
            kinds.map(([kind, bytes]) => `${kind} ${human(bytes)}`).join(" · "),
          )
        : "",
    ];
  }

  point(node) {
    const path = node.path && node.path !== node.name ? ` · ${node.path}` : "";
    this.pointed.textContent = describe(node, this.image).replaceAll(", ", " · ") + path;
  }

  /** The parts of what is shown; of an image its largest owners, too, whatever their groups. */
  listed() {
    const { node, image } = this;
    const largest = (nodes) =>
      [...nodes].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
    if (!node.parts.length)
      return [el("p", { class: "note" }, "Nothing that is smaller is told apart here.")];
    const parts = largest(node.parts).map((part) => ({ node: part, steps: [part] }));
    const found = [
      this.listOf(parts, `${node.name}: ${counted(parts.length, "part")}, the largest first`),
    ];
    if (node === image && parts.length > 1) {
      const owners = parts.flatMap(({ node: group }) => group.parts.map((owner) => [group, owner]));
      const named = largest(owners.map(([, owner]) => owner))
        .slice(0, OWNERS)
        .map((owner) => ({ node: owner, steps: owners.find((pair) => pair[1] === owner) }));
      found.push(
        this.listOf(named, `The ${named.length} largest of ${counted(owners.length, "owner")}`),
      );
    }
    return found;
  }

  listOf(rows, caption) {
    const share = ({ node: { bytes } }) => (this.node.bytes ? bytes / this.node.bytes : 0);
    return table({
      caption,
      name: "parts",
      rows,
      columns: [
        {
          title: "Part",
          kind: "part-name",
          cell: (row) => [
            el("span", { class: "swatch", "data-group": row.node.group, "aria-hidden": "true" }),
            ...this.nameOf(row),
          ],
        },
        { title: "Size", kind: "number", cell: ({ node: { bytes } }) => human(bytes) },
        {
          title: "Share",
          kind: "number share",
          cell: (row) => [bar([{ size: share(row), group: row.node.group }]), percent(share(row))],
        },
        { title: "Files", kind: "number", cell: ({ node: { files } }) => count(files) },
      ],
    });
  }

  nameOf({ node, steps }) {
    const version = node.version ? el("small", null, ` ${node.version}`) : null;
    if (!node.parts.length) return [el("span", null, node.name), version];
    const button = el("button", { type: "button", class: "link" }, node.name);
    button.addEventListener("click", () => {
      this.into(steps);
      (this.list.querySelector("button") ?? this.crumbs.querySelector("[aria-current]")).focus();
    });
    return [button, version];
  }
}
