import assert from "node:assert/strict";
import test from "node:test";
import { nextPlace, previousPlace, readPlace, readRecordId, writePlace } from "../lib/list-address.ts";

const read = (address: string) => {
  const url = new URL(address, "https://lake.example");
  return readPlace(url.search, url.hash);
};

test("what is written into an address is read from it again, whatever is in a key", () => {
  const first = { source: undefined, size: 20, keys: [] };
  assert.equal(writePlace(first), "/records/");
  assert.deepEqual(read("/records/"), first);
  let place = { source: "a-b", size: 50, keys: [] as readonly string[] };
  for (const key of ["k1+/=", "k,2&x#y?%2C", "3 %"]) place = nextPlace(place as never, key) as never;
  assert.deepEqual(read(writePlace(place as never)), place);
  assert.deepEqual(previousPlace(place as never).keys, ["k1+/=", "k,2&x#y?%2C"]);
});

test("keys stay behind the sign that no server sees", () => {
  const address = writePlace({
    source: "a",
    size: 20,
    keys: Array.from({ length: 500 }, (_, n) => `${n}`.padEnd(200, "x")),
  });
  assert.equal(address.split("#")[0], "/records/?source=a");
  assert.equal(read(address).keys.length, 500);
});

test("an address that somebody wrote is read as far as it makes sense", () => {
  assert.deepEqual(read("/records/?source=&size=7#pages=,,"), { source: undefined, size: 20, keys: [] });
  assert.deepEqual(read("/records/?size=100#other"), { source: undefined, size: 100, keys: [] });
  assert.deepEqual(read("/records/#pages=%25zz").keys, ["%zz"]);
});

test("a record's id is what the API's rule lets be one", () => {
  assert.equal(readRecordId("/records/posts-1/"), "posts-1");
  assert.equal(readRecordId("/records/posts-1"), "posts-1");
  for (const path of [
    "/records/",
    "/records/_/",
    "/records/a/",
    "/records/%3Cb%3E/",
    "/records/a/b/",
    `/records/${"a".repeat(129)}/`,
    "/records/..%2f/",
  ]) {
    assert.equal(readRecordId(path), undefined, path);
  }
});
