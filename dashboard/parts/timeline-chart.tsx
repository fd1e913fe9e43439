"use client";

import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { DayCount } from "../lib/contract.ts";
import { compact, dayLabel, dayParts, grouped } from "../lib/times.ts";
import { ChartFigure } from "./chart-figure.tsx";

const AXIS = { fill: "var(--soft)", fontSize: 12 };

export function TimelineChart({ days }: { readonly days: readonly DayCount[] }) {
  return (
    <ChartFigure
      title="New records by day"
      subtitle={`the last ${days.length} days (UTC), today so far`}
      description={`Line chart, days of UTC: ${days.map(({ date, total }) => `${dayLabel(date)} ${grouped(total)}`).join(", ")}.`}
      columns={["Day (UTC)", "New records"]}
      rows={days.map(({ date, total }) => [dayLabel(date), grouped(total)])}
      chart={
        <ResponsiveContainer width="100%" height={280}>
          <AreaChart data={[...days]} margin={{ left: 0, right: 4, top: 0, bottom: 0 }} accessibilityLayer={false}>
            <CartesianGrid vertical={false} stroke="var(--line)" syncWithTicks />
            <XAxis
              dataKey="date"
              interval={0}
              tick={<DayTick />}
              height={70}
              axisLine={{ stroke: "var(--line)" }}
              tickLine={false}
              padding={{ left: 18, right: 18 }}
              label={{ value: "Day (UTC)", position: "insideBottom", ...AXIS }}
            />
            <YAxis
              allowDecimals={false}
              width="auto"
              tickFormatter={compact}
              // A pointer on the edge of the plot is none in it, and the highest day would have no card.
              padding={{ top: 8 }}
              tick={AXIS}
              axisLine={false}
              tickLine={false}
            />
            <Tooltip
              content={<DayCard days={days} />}
              cursor={{ stroke: "var(--soft)", strokeDasharray: "3 3" }}
              isAnimationActive={false}
            />
            <Area
              dataKey="total"
              type="linear"
              stroke="var(--accent)"
              strokeWidth={2}
              fill="var(--accent-wash)"
              fillOpacity={0.7}
              dot={{ r: 3.5, fill: "var(--surface)", stroke: "var(--accent)", strokeWidth: 2, fillOpacity: 1 }}
              activeDot={{ r: 5, fill: "var(--accent)" }}
              isAnimationActive={false}
            />
          </AreaChart>
        </ResponsiveContainer>
      }
    />
  );
}

/** A day on two lines, so that seven fit on a phone, which names a month once; where and which are Recharts'. */
function DayTick({
  x = 0,
  y = 0,
  index = 0,
  payload,
}: {
  readonly x?: number;
  readonly y?: number;
  readonly index?: number;
  readonly payload?: { readonly value: string };
}) {
  const [weekday, day, month] = dayParts(payload?.value ?? "");
  return (
    <text x={x} y={y} textAnchor="middle" className="fill-soft text-[0.6875rem] sm:text-xs" data-day={payload?.value}>
      <tspan x={x} dy="1.1em">
        {weekday}
      </tspan>
      <tspan x={x} dy="1.3em">
        {day}
        <tspan className={index === 0 || day === "1" ? "" : "max-sm:hidden"}> {month}</tspan>
      </tspan>
    </text>
  );
}

/** A day's sources, beside the pointer; `active` and `label` are Recharts'. */
function DayCard({
  days,
  active,
  label,
}: {
  readonly days: readonly DayCount[];
  readonly active?: boolean;
  readonly label?: string;
}) {
  const day = active ? days.find(({ date }) => date === label) : undefined;
  if (!day) return null;
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2 text-sm shadow-lg">
      <p className="font-medium">
        {dayLabel(day.date)} <span className="font-normal text-soft">UTC</span>
      </p>
      <dl className="mt-1 grid grid-cols-[auto_auto] gap-x-4 tabular-nums">
        <dt>All sources</dt>
        <dd className="text-right font-medium">{grouped(day.total)}</dd>
        {day.bySource.map(({ source, count }) => (
          <div key={source} className="contents text-soft">
            <dt>{source}</dt>
            <dd className="text-right">{grouped(count)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
