/** Both charts, so that what draws them comes in one piece. */
export { SourceChart } from "./source-chart.tsx";
export { TimelineChart } from "./timeline-chart.tsx";
