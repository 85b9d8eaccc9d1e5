// Bundles what the page uses of d3 into d3.js, with its licences, and writes down what was bundled.
// The same package-lock.json gives the same bytes; `nox -s vendor` runs this.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const BUNDLE = "d3.js";

const ENTRY = `
export { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
export { nice, ticks } from "d3-array";
`;

const read = (path) => readFileSync(path, "utf-8").replaceAll("\r\n", "\n");

/** The packages whose code is in the bundle; those that were shaken off are not. */
function packages(metafile) {
  const output = Object.values(metafile.outputs)[0];
  const used = Object.entries(output.inputs).filter(([, input]) => input.bytesInOutput > 0);
  const names = used.map(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter(Boolean))].sort().map((name) => {
    const { version, license } = JSON.parse(read(`node_modules/${name}/package.json`));
    return { name, version, license, text: read(`node_modules/${name}/LICENSE`).trim() };
  });
}

const result = await build({
  stdin: { contents: ENTRY, resolveDir: "." },
  bundle: true,
  format: "iife",
  globalName: "d3",
  minify: true,
  target: "es2020",
  charset: "utf8",
  metafile: true,
  write: false,
  outfile: BUNDLE,
});

const included = packages(result.metafile);
const licences = included
  .map(({ name, version, text }) => `${name} ${version}\n\n${text}\n`)
  .join(`\n${"-".repeat(78)}\n\n`);
// The page carries the licences with the code, as they ask for.
const bundle = `/*!\n${licences}*/\n${result.outputFiles[0].text}`;
const record = {
  bundle: BUNDLE,
  bytes: Buffer.byteLength(bundle),
  sha256: createHash("sha256").update(bundle).digest("hex"),
  packages: included.map(({ name, version, license }) => ({ name, version, license })),
};
writeFileSync(BUNDLE, bundle);
writeFileSync("LICENSES.txt", licences);
writeFileSync("vendored.json", `${JSON.stringify(record, null, 2)}\n`);
console.log(`${record.bundle}: ${record.bytes} bytes, sha256 ${record.sha256}`);
