import assert from "node:assert/strict";
import test from "node:test";
import { readAnalytics, readError, readPage, readRecord, summary, UnexpectedShape } from "../lib/contract.ts";

const RECORD =
  '{"id":"a-1","source":"a","type":"t","captured_at":"2026-11-26T08:05:00Z","changed_at":"2026-11-26T08:10:00Z",' +
  '"fingerprint":"f","raw_s3_key":"raw/a.json","processed_at":"2026-11-26T08:10:02Z","n":12345678901234567890,' +
  '"title":"A title","document":{"n":1.10}}';

test("a record's own fields are apart from what the lake noted, in the API's order and as text", () => {
  const record = readRecord(RECORD);
  assert.deepEqual(
    [...record.fields],
    [
      ["n", "12345678901234567890"],
      ["title", '"A title"'],
    ],
  );
  assert.deepEqual(
    [...record.attributes.keys()],
    ["id", "source", "type", "captured_at", "changed_at", "processed_at", "raw_s3_key", "fingerprint"],
  );
  assert.equal(record.document, '{"n":1.10}');
  assert.equal(record.capturedAt, "2026-11-26T08:05:00Z");
  // What is in the raw object alone is null here.
  assert.equal(readRecord('{"id":"a","source":"b","document":null}').document, undefined);
});

test("a page has its records and the key of the next one, if there is one", () => {
  const page = readPage(`{"records":[${RECORD},${RECORD}],"count":2,"lastKey":"k+/="}`);
  assert.equal(page.records.length, 2);
  assert.equal(page.lastKey, "k+/=");
  assert.equal(readPage('{"records":[],"count":0,"lastKey":null}').lastKey, undefined);
});

test("analytics are read, and an empty lake has no first day", () => {
  const read = readAnalytics(
    '{"total":3,"by_source":{"b":1,"a":2},"by_date":{},"timeline":[{"date":"2026-11-26","total":3,"by_source":{"a":3}}],' +
      '"first_date":null,"last_date":"2026-11-26","generated_at":"2026-11-26T00:00:00Z"}',
  );
  assert.deepEqual(read.bySource, [
    { source: "b", count: 1 },
    { source: "a", count: 2 },
  ]);
  assert.deepEqual(read.timeline, [{ date: "2026-11-26", total: 3, bySource: [{ source: "a", count: 3 }] }]);
  assert.equal(read.firstDate, undefined);
  assert.equal(read.lastDate, "2026-11-26");
});

test("an answer of another shape is refused by name", () => {
  assert.throws(() => readAnalytics('{"total":"3"}'), new UnexpectedShape("total is no number"));
  assert.throws(() => readAnalytics('{"total":3,"by_source":{"a":null}}'), new UnexpectedShape("a count is no number"));
  assert.throws(() => readPage('{"message":"no"}'), new UnexpectedShape("records is missing"));
  assert.throws(() => readRecord('{"id":1}'), new UnexpectedShape("id is no text"));
});

test("an error has what it has: a gateway's own has no code", () => {
  assert.deepEqual(readError('{"message":"Too Many Requests"}'), { message: "Too Many Requests" });
  assert.deepEqual(readError('{"message":"No.","code":"not_found"}'), { message: "No.", code: "not_found" });
  assert.deepEqual(readError("{}"), {});
});

test("a record's line has its texts, on one line and no longer than that", () => {
  const line = (fields: string) => summary(readRecord(`{"id":"a","source":"b",${fields}}`), 20);
  assert.equal(line('"n":1,"title":"A\\n title","x":null,"e":""'), "A title");
  assert.equal(line('"n":1,"b":true'), "1 · true");
  assert.equal(line('"a":"one","b":"two"'), "one · two");
  assert.equal(line(`"a":"${"x".repeat(30)}"`), `${"x".repeat(20)}…`);
  // A megabyte, cut within an escape.
  assert.equal(line(`"a":"${"\\u00e9".repeat(200_000)}"`).length <= 21, true);
  assert.equal(line('"a":"<b>&amp;</b>"'), "<b>&amp;</b>");
});
