import { RecordList } from "../../parts/record-list.tsx";

export default function RecordsPage() {
  return <RecordList />;
}
