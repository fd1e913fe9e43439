/**
 * Write out.json: the hashes of all scripts within the pages, which the content security policy lets run; and refuse an
 * export that the policy would break.
 *
 * `node scripts/script-hashes.mjs OUT OUT.json`, with OUT a folder that `next build` has exported.
 */
import { createHash } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, target] = process.argv.slice(2);
const hashes = new Set();
const faults = [];
for (const file of globSync("**/*.html", { cwd: folder }).sort()) {
  const page = readFileSync(join(folder, file), "utf8");
  for (const [, attributes, script] of page.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi)) {
    if (!/\ssrc=/.test(attributes)) hashes.add(`sha256-${createHash("sha256").update(script).digest("base64")}`);
  }
  const markup = page.replace(/<script\b[^>]*>[\s\S]*?<\/script\s*>/gi, "");
  if (/<style\b|<[^>]+\sstyle=/i.test(markup)) faults.push(`${file}: a style within the page`);
  if (/<[^>]+\son[a-z]+=/i.test(markup)) faults.push(`${file}: a handler within the page`);
  if (/<(?:script|link|img|iframe)\b[^>]+(?:src|href)="(?:https?:)?\/\//i.test(page))
    faults.push(`${file}: another host`);
}
if (hashes.size === 0) faults.push(`no scripts in ${folder}: is it an export?`);
if (faults.length > 0) {
  console.error(`The content security policy would refuse:\n  ${faults.join("\n  ")}`);
  process.exit(1);
}
writeFileSync(target, `${JSON.stringify({ scriptHashes: [...hashes].sort() }, undefined, 2)}\n`);
