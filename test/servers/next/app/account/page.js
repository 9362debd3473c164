export const dynamic = 'force-dynamic';

export default function Account() {
  return <p>the account</p>;
}
