declare module "icon:*" {
  /** The inside of an icon's svg, put in at build time. */
  const drawing: string;
  export default drawing;
}

declare module "hub:guides" {
  /** Where the hub's own guides stand, put in at build time. */
  const folder: string;
  export default folder;
}
