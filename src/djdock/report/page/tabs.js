"use strict";

/** Tabs over panels, as the ARIA authoring practices have them; arrow keys move and choose. */
function tabs(label, panels) {
  const buttons = panels.map(({ id, name, detail }) =>
    el(
      "button",
      { type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id },
      el("span", null, name),
      " ",
      el("small", null, detail),
    ),
  );
  const choose = (index) => {
    panels.forEach(({ element }, at) => {
      element.hidden = at !== index;
      buttons[at].setAttribute("aria-selected", String(at === index));
      buttons[at].tabIndex = at === index ? 0 : -1;
    });
  };
  const list = el("div", { role: "tablist", "aria-label": label, class: "tabs" }, buttons);
  buttons.forEach((button, index) => button.addEventListener("click", () => choose(index)));
  list.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement),
      last = buttons.length - 1;
    const to = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
    buttons[to].focus();
  });
  for (const { element, id } of panels) {
    element.setAttribute("role", "tabpanel");
    element.setAttribute("aria-labelledby", `${id}-tab`);
  }
  return { list, choose };
}
