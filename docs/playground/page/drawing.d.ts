/** Vite hands the file over as text. */
declare module "*.svg?raw" {
  const text: string;
  export default text;
}
