import assert from "node:assert/strict";
import test from "node:test";
import { compact, dayLabel, dayParts, dayWithYear, grouped, localTime } from "../lib/times.ts";

test("a time is the reader's own, with the name of the zone as it is at that time", () => {
  assert.equal(localTime("2026-03-08T09:59:59Z", "America/Los_Angeles"), "8 Mar 2026, 01:59:59 GMT-8");
  assert.equal(localTime("2026-03-08T10:00:00Z", "America/Los_Angeles"), "8 Mar 2026, 03:00:00 GMT-7");
  assert.equal(localTime("2026-03-08T23:58:00.123Z", "Asia/Kolkata"), "9 Mar 2026, 05:28:00 GMT+5:30");
  assert.equal(localTime("never"), "never");
});

test("a day is the API's in every zone", () => {
  for (const zone of ["America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kolkata"]) {
    process.env.TZ = zone;
    assert.equal(dayLabel("2026-03-08"), "Sun 8 Mar");
    assert.deepEqual(dayParts("2026-03-08"), ["Sun", "8", "Mar"]);
    assert.equal(dayWithYear("2026-03-08"), "8 Mar 2026");
  }
  assert.equal(dayLabel("soon"), "soon");
});

test("counts are grouped, or short", () => {
  assert.equal(grouped(1234567), "1,234,567");
  assert.equal(compact(1234567), "1.2m");
});
