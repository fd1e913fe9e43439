import { Overview } from "../parts/overview.tsx";

export default function OverviewPage() {
  return <Overview />;
}
