import type { Metadata } from "next";
import { RecordList } from "../../parts/record-list.tsx";

export const metadata: Metadata = { title: "Records" };

export default function RecordsPage() {
  return <RecordList />;
}
