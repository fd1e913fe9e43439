import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import type { NextConfig } from "next";

/**
 * A name for what is built, made of what it is built from. Next would draw lots, and each build of the same sources
 * would be another site to upload.
 */
function buildId(): string {
  const hash = createHash("sha256");
  for (const file of globSync(["{app,lib,parts}/**/*.{ts,tsx,css,svg}", "*.{ts,mjs,json}"]).sort()) {
    if (file !== "next-env.d.ts" && file !== "out.json")
      hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex").slice(0, 20);
}

const config: NextConfig = {
  output: "export",
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  generateBuildId: buildId,
  // Folders above this one have lock files of other things.
  turbopack: { root: import.meta.dirname },
};

export default config;
