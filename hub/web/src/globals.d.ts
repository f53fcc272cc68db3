declare module "icon:*" {
  /** The inside of an icon's svg, put in at build time. */
  const drawing: string;
  export default drawing;
}
