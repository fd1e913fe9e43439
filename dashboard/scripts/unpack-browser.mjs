/**
 * Unpack the Chromium that the lock brings, with the libraries and fonts that a bare machine lacks.
 *
 * `node scripts/unpack-browser.mjs FOLDER`. The package's own way would unpack into the machine's temporary folder, and
 * start the browser with its web security switched off.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [folder] = process.argv.slice(2);
const packed = join(import.meta.dirname, "../node_modules/@sparticuz/chromium/bin");

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await unpackFile("chromium.br", join(folder, "chromium"));
for (const archive of ["al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br"]) await unpackFolder(archive, folder);
// The package's own names folders of Lambda. A cache is never relative to this file, but to where the browser is started.
const cache = resolve(folder, "fonts-cache").replaceAll("&", "&amp;").replaceAll("<", "&lt;");
await writeFile(
  join(folder, "fonts.conf"),
  `<?xml version="1.0"?><fontconfig><dir prefix="relative">fonts</dir><cachedir>${cache}</cachedir></fontconfig>\n`,
);

async function unpackFile(name, target) {
  await pipeline(
    createReadStream(join(packed, name)),
    createBrotliDecompress(),
    createWriteStream(target, { mode: 0o755 }),
  );
}

// By way of a file: tar closes a pipe as soon as it has seen the archive's end, maybe before all was written to it.
async function unpackFolder(name, target) {
  const archive = join(target, name.replace(/\.br$/, ""));
  await unpackFile(name, archive);
  // From a file: tar ends with the last entry, and would break a pipe that still has padding to give.
  const tar = spawn("tar", ["-x", "-f", archive, "-C", target, "--no-same-owner"], { stdio: "inherit" });
  const [code] = await once(tar, "close");
  if (code !== 0) throw new Error(`tar could not unpack ${name}`);
  await rm(archive);
}
