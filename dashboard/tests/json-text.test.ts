import assert from "node:assert/strict";
import test from "node:test";
import { elements, lines, members, NotJson, numberOf, plain, stringOf, tokens } from "../lib/json-text.ts";

const shown = (text: string) =>
  lines(text)
    .map((line) => line.map((token) => token.text).join(""))
    .join("\n");

test("digits stay as they were sent", () => {
  const text = '{"a":12345678901234567890,"b":1.10,"c":-0.0,"d":1e400,"e":[0.1000]}';
  assert.equal(members(text).get("a"), "12345678901234567890");
  assert.equal(shown(text).replace(/\s/g, ""), text);
});

test("an object is cut into the texts of its members, whatever is in them", () => {
  const text = ' { "a" : {"x":[1,{"y":"}"}]} , "b\\u0062":"q\\"[", "c":[ ] , "d":{ }, "e":null } ';
  assert.deepEqual(
    [...members(text)],
    [
      ["a", '{"x":[1,{"y":"}"}]}'],
      ["bb", '"q\\"["'],
      ["c", "[ ]"],
      ["d", "{ }"],
      ["e", "null"],
    ],
  );
  assert.deepEqual(elements('[ 1 , [2,3], {} ,[],"a,b"]'), ["1", "[2,3]", "{}", "[]", '"a,b"']);
  assert.deepEqual(elements("[]"), []);
  assert.deepEqual([...members("{}")], []);
});

test("a text is laid out as JSON.stringify would, where that loses nothing", () => {
  for (const value of [{}, [], [[]], [{}], { a: [1, "two", { b: null, c: [] }], d: true }, "text", 7, [1, [2, [3]]]]) {
    assert.equal(shown(JSON.stringify(value)), JSON.stringify(value, null, 2));
  }
});

test("what is no JSON is refused, by the same texts that JSON.parse refuses", () => {
  const texts = [
    "",
    " ",
    "<html>",
    "{",
    "[1,]",
    "{,}",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "[1 2]",
    "01",
    "+1",
    "1.",
    ".5",
    "NaN",
    "tru",
    "'a'",
    '"a',
    '"\t"',
    '"\\x"',
    '{"a":1}}',
    "[]]",
    "{]",
    "[}",
    "1 2",
    "{1:2}",
    "[,1]",
    "nullx",
    "-",
    "[1}",
    '{"a":1]',
  ];
  for (const text of texts) {
    assert.throws(() => JSON.parse(text), text);
    assert.throws(() => [...tokens(text)], NotJson, text);
  }
  for (const text of ["1", '"a"', "[]", "{}", '{"a":[1,{"b":-1.5e-3}]}', " null ", '"\\u0041"', '{"":""}']) {
    JSON.parse(text);
    assert.equal([...tokens(text)].map((token) => token.text).join(""), text.trim());
  }
});

test("any depth and any length is read, without a stack", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  assert.equal(elements(deep).length, 1);
  assert.ok(lines(deep).length > 100_000);
  const long = JSON.stringify("x".repeat(5_000_000));
  assert.equal(plain(long).length, 5_000_000);
  assert.equal([...tokens(long)].length, 1);
});

test("characters that hide or turn text are shown as escapes, and mean the same", () => {
  const text = '{"name":"user\u202egnp.exe\u200b"}';
  assert.match(shown(text), /user\\u202egnp\.exe\\u200b/);
  assert.deepEqual(JSON.parse(shown(text)), JSON.parse(text));
});

test("strings and counts are taken only of strings and numbers", () => {
  assert.equal(stringOf('"a"'), "a");
  assert.equal(stringOf("1"), undefined);
  assert.equal(stringOf(undefined), undefined);
  assert.equal(numberOf("17"), 17);
  assert.equal(numberOf('"17"'), undefined);
  assert.equal(numberOf("1e999"), undefined);
  assert.equal(numberOf(undefined), undefined);
});
