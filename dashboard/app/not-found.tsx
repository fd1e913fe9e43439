import Link from "next/link";

export default function NotFound() {
  return (
    <section className="card px-6 py-12 text-center">
      <title>Not found · Baler lake</title>
      <h1 className="text-lg font-semibold">There is no such page</h1>
      <p className="mt-1 text-soft">
        <Link href="/" prefetch={false} className="font-medium text-accent underline underline-offset-4">
          Go to the overview
        </Link>
      </p>
    </section>
  );
}
