"use strict";

/*
 * What the treemap shows, as one tree for each image: the image, its groups, their owners, the owners'
 * folders and files. A node is {name, kind, group, path, bytes, files, parts}, an owner also has {version,
 * family, kinds}. `parts` add up to the node's bytes.
 */

/** A folder that has so much of what is around it is no step on the way: its parts take its place. */
const NEARLY_ALL = 0.9;

function unwrapped(parts, bytes) {
  const most = parts.find((part) => part.parts.length && part.bytes >= bytes * NEARLY_ALL);
  if (!most) return parts;
  return [...most.parts, ...parts.filter((part) => part !== most)];
}

/** A folder, a file, or the files of a folder that are too small to be named. */
function pathNode({ name, bytes, files, children = [], others }, group, parent) {
  const path =
    parent === "" || name.startsWith("/") ? name : `${parent.replace(/\/$/, "")}/${name}`;
  if (others !== undefined) {
    return {
      name: counted(others, "other"),
      kind: "rest",
      group,
      path: parent,
      bytes,
      files,
      parts: [],
    };
  }
  const parts = unwrapped(
    children.map((child) => pathNode(child, group, path)),
    bytes,
  );
  return { name, kind: parts.length ? "folder" : "file", group, path, bytes, files, parts };
}

function ownerNode(owner) {
  const { group, bytes, files, version, family, kinds } = owner;
  const roots = owner.tree.map((root) => pathNode(root, group, ""));
  // An owner of one file is that file.
  const parts = roots.length === 1 && !roots[0].parts.length ? [] : unwrapped(roots, bytes);
  const path = roots.length === 1 ? roots[0].path : "";
  return {
    name: owner.owner,
    kind: "owner",
    group,
    path,
    bytes,
    files,
    parts,
    version,
    family,
    kinds,
  };
}

function imageNode(variant, groups) {
  // A group without bytes is in no chart, but its files are files of the image.
  const all = new Set([...groups, ...variant.owners.map(({ group }) => group)]);
  const parts = [...all]
    .map((group) => {
      const owners = variant.owners.filter((owner) => owner.group === group).map(ownerNode);
      return { name: group, kind: "group", group, path: "", parts: owners, ...sums(owners) };
    })
    .filter(({ parts: owners }) => owners.length);
  return { name: variant.variant, kind: "image", group: "", path: "", parts, ...sums(parts) };
}

function sums(nodes) {
  return {
    bytes: nodes.reduce((sum, { bytes }) => sum + bytes, 0),
    files: nodes.reduce((sum, { files }) => sum + files, 0),
  };
}

/** The nodes with those that would be smaller than `least` bytes as one, which can be looked into. */
function folded(nodes, least) {
  const there = nodes.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const small = there.filter(({ bytes }) => bytes < least);
  if (small.length < 2) return there;
  const [{ group }] = small;
  const rest = {
    name: `${count(small.length)} smaller`,
    kind: "rest",
    group,
    path: "",
    parts: small,
    ...sums(small),
  };
  return [...there.filter(({ bytes }) => bytes >= least), rest];
}
