import type { ReactNode } from "react";

/** A chart for who sees it, and the same numbers as a table for anybody. */
export function ChartFigure({
  title,
  subtitle,
  description,
  chart,
  columns,
  rows,
}: {
  readonly title: string;
  readonly subtitle: string;
  /** The chart in a sentence. */
  readonly description: string;
  readonly chart: ReactNode;
  readonly columns: readonly string[];
  /** Of each row the first cell names it. */
  readonly rows: readonly (readonly string[])[];
}) {
  return (
    <figure className="flex h-full flex-col">
      <figcaption>
        <h2 className="font-semibold tracking-tight">{title}</h2>
        <p className="mt-0.5 text-[0.8125rem] text-soft">{subtitle}</p>
      </figcaption>
      <div role="img" aria-label={description} className="mt-5 grid flex-1 content-center">
        {chart}
      </div>
      <details className="mt-3 text-sm">
        <summary className="w-fit py-1 text-soft hover:text-ink">Show as a table</summary>
        <table className="mt-2 w-full table-fixed">
          <caption className="sr-only">{title}</caption>
          <thead>
            <tr className="border-b border-line text-left text-soft">
              {columns.map((column, index) => (
                <th key={column} scope="col" className={`py-2 font-medium ${index ? "w-28 text-right" : ""}`}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, ...cells]) => (
              <tr key={name} className="border-b border-line last:border-0">
                <th scope="row" className="foreign py-2 text-left font-normal">
                  {name}
                </th>
                {cells.map((cell, index) => (
                  <td key={columns[index + 1]} className="py-2 text-right tabular-nums">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
