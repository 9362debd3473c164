export function getServerSideProps({ req }) {
  return { props: { who: req.user?.id ?? 'nobody' } };
}

export default function Home({ who }) {
  return <p>{`page of ${who}`}</p>;
}
