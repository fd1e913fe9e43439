"use client";

import { Bar, BarChart, LabelList, ResponsiveContainer, XAxis, YAxis } from "recharts";
import type { SourceCount } from "../lib/contract.ts";
import { grouped } from "../lib/times.ts";
import { ChartFigure } from "./chart-figure.tsx";

const ROW_PIXELS = 56;
const NAME_LETTERS = 18;

export function SourceChart({ counts }: { readonly counts: readonly SourceCount[] }) {
  const ordered = [...counts].sort((one, other) => other.count - one.count);
  const total = ordered.reduce((sum, { count }) => sum + count, 0);
  return (
    <ChartFigure
      title="Records by source"
      subtitle="all days"
      description={`Bar chart: ${ordered.map(({ source, count }) => `${source} ${grouped(count)}`).join(", ") || "no source"}.`}
      columns={["Source", "Records", "Share"]}
      rows={ordered.map(({ source, count }) => [source, grouped(count), share(count, total)])}
      chart={
        <ResponsiveContainer width="100%" height={Math.max(1, ordered.length) * ROW_PIXELS}>
          <BarChart
            data={ordered}
            layout="vertical"
            margin={{ left: 0, right: 56, top: 0, bottom: 0 }}
            accessibilityLayer={false}
          >
            <XAxis type="number" hide domain={[0, "dataMax"]} />
            <YAxis
              type="category"
              dataKey="source"
              width="auto"
              axisLine={false}
              tickLine={false}
              interval={0}
              tick={{ fill: "var(--ink)", fontSize: 13 }}
              tickFormatter={shortened}
            />
            <Bar dataKey="count" fill="var(--accent)" radius={[0, 4, 4, 0]} barSize={24} isAnimationActive={false}>
              <LabelList
                dataKey="count"
                position="right"
                formatter={(value) => grouped(Number(value))}
                fill="var(--soft)"
                fontSize={13}
              />
            </Bar>
          </BarChart>
        </ResponsiveContainer>
      }
    />
  );
}

function share(count: number, total: number): string {
  return total
    ? new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 1 }).format(count / total)
    : "–";
}

function shortened(name: string): string {
  return name.length > NAME_LETTERS ? `${name.slice(0, NAME_LETTERS - 1)}…` : name;
}
