/** The package of a module, for most texts without parsing them. */

/** Only blank lines and comments, then `package` and plain names; nothing that could belong to the path follows. */
const plain =
  /^(?:[ \t\r\n]|#[^\n]*\n)*package[ \t]+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t]*(?:\r?\n(?![ \t\r\n]*[.[])|;|#|$)/;

/** The names below `data`; undefined where only the parser can tell. */
export function plainPackage(text: string): string[] | undefined {
  return plain.exec(text)?.[1]?.split('.');
}
