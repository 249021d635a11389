/** Takes every address that nothing else takes, that of Socket.IO too. */
export default function Rest() {
  return null;
}
export const getServerSideProps = () => ({ props: {} });
