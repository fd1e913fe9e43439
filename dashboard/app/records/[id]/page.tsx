import { RecordDetail } from "../../../parts/record-detail.tsx";

/** One page serves all records: the server answers `/records/<id>/…` with the files of `/records/_/…`. */
export function generateStaticParams() {
  return [{ id: "_" }];
}

export default function RecordPage() {
  return <RecordDetail />;
}
