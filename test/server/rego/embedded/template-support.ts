/** Templates for the tests of Rego in YAML. */

/** The lines of a text, each with so many spaces before it; empty ones stay empty. */
export function indented(text: string, spaces: number): string {
  return text.replace(/^(?=[^\n])/gm, ' '.repeat(spaces));
}

export interface TemplateOptions {
  /** `rego` of the target; with `code` absent. */
  rego: string;
  libs?: string[];
  /** The Rego stands in `code` with this version. */
  version?: string;
  /** JSON Schema of the parameters, as YAML. */
  schema?: string;
}

/** A ConstraintTemplate; the Rego may have marks. */
export function template({ rego, libs = [], version, schema }: TemplateOptions): string {
  const validation =
    schema === undefined ? '' : `      validation:\n        openAPIV3Schema:\n${indented(schema, 10)}\n`;
  const head = `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: k8sexample
spec:
  crd:
    spec:
      names:
        kind: K8sExample
${validation}  targets:
    - target: admission.k8s.gatekeeper.sh
`;
  const source = (at: number) => {
    const pad = ' '.repeat(at);
    const modules = libs.map((lib) => `${pad}  - |\n${indented(lib, at + 4)}`).join('');
    return `${pad}rego: |\n${indented(rego, at + 2)}${libs.length > 0 ? `${pad}libs:\n${modules}` : ''}`;
  };
  if (version === undefined) return head + source(6);
  return `${head}      code:\n        - engine: Rego\n          source:\n            version: ${version}\n${source(12)}`;
}
